/** As far as every command of the SDK is alike. */
type Command = {
  middlewareStack: {
    // biome-ignore lint/suspicious/noExplicitAny: each command has its own inputs and outputs; ours fits all.
    add: (middleware: any, options: any) => void;
  };
};

type Answered = { response?: { headers?: Record<string, string> } };

/**
 * Watches for the time that AWS says with its answer to a command.
 *
 * @returns gives that time once the command was sent: milliseconds since 1970, to the second
 */
export function watchServerTime(command: Command): () => number | null {
  let timeMs: number | null = null;
  const watch = (next: (call: unknown) => Promise<Answered>) => async (call: unknown) => {
    const answered = await next(call);
    const date = Date.parse(answered.response?.headers?.date ?? "");
    if (!Number.isNaN(date)) timeMs = date;
    return answered;
  };
  command.middlewareStack.add(watch, { step: "deserialize", priority: "high", name: "queueRunServerTime" });
  return () => timeMs;
}
