/** A node of Hono's JSX, or text that Hono has marked as HTML. */
type HtmlNode = { isEscaped: true; toString(): string | Promise<string> };

/** Recognises JSX without loading Hono: its nodes and its strings carry `isEscaped`. */
export function isJsx(value: unknown): value is HtmlNode {
  return typeof value === "object" && value !== null && "isEscaped" in value && value.isEscaped === true;
}

/** @returns the node as HTML, when every component in it has been awaited */
export async function renderJsx(node: HtmlNode): Promise<string> {
  const html: string & { callbacks?: unknown[] } = await node.toString();
  if (!html.callbacks?.length) return String(html);
  const { HtmlEscapedCallbackPhase, resolveCallback } = await import("hono/utils/html");
  return String(await resolveCallback(html, HtmlEscapedCallbackPhase.Stringify, false, {}));
}
