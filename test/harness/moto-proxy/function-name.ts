/** "emails", "emails:live" or an ARN, as Lambda's FunctionName is written. */
export function parseFunctionName(text: string): { name: string; qualifier: string | null } {
  const parts = text.startsWith("arn:") ? text.split(":").slice(6) : text.split(":").slice(-2);
  const local = text.startsWith("arn:") || !text.includes(":function:") ? parts : text.split(":").slice(-1);
  return { name: local[0] ?? text, qualifier: local[1] ?? null };
}

/** @returns the FunctionName in a path of Lambda's API */
export function functionInPath(path: string): { name: string; qualifier: string | null } {
  return parseFunctionName(/\/functions\/([^/]+)/.exec(path)?.[1] ?? "");
}
