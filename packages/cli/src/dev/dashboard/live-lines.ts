import type { IncomingMessage, ServerResponse } from "node:http";
import { stripVTControlCharacters } from "node:util";
import { humanReporter } from "../../terminal/human-reporter.js";
import type { RecentEvents } from "./recent-events.js";

/** How often lines are sent: a page need not see each by itself. */
const SEND_EVERY_MS = 100;
/** How often something is sent in any case, so that nobody on the way takes the connection for dead. */
const PING_EVERY_MS = 15_000;
/** What may wait for a page that does not read: beyond, lines are left out. */
const MAX_WAITING_BYTES = 1_048_576;

/**
 * Sends what happened and what happens as server-sent events: the lines that the terminal shows, without their colours,
 * one JSON string for each piece.
 *
 * @param root - the project's folder, which places in errors are relative to
 * @returns a function that ends it
 */
export function sendLiveLines(
  request: IncomingMessage,
  response: ServerResponse,
  { recent, root }: { recent: RecentEvents; root: string },
): () => void {
  let timeMs = 0;
  let waiting = "";
  const into = { write: (text: string) => (waiting += text) };
  const reporter = humanReporter({ stdout: into, stderr: into, root, colors: false, now: () => timeMs });
  const show = (event: ReturnType<RecentEvents["list"]>[number]): void => {
    timeMs = event.timeMs;
    event.tell(reporter);
  };
  const send = (): void => {
    reporter.flush();
    if (waiting === "") return;
    const text = stripVTControlCharacters(waiting);
    waiting = "";
    if (response.writableLength < MAX_WAITING_BYTES) response.write(`data: ${JSON.stringify(text)}\n\n`);
  };

  response.write("retry: 1000\n\n");
  for (const event of recent.list()) show(event);
  send();
  const stopListening = recent.listen(show);
  const sending = setInterval(send, SEND_EVERY_MS);
  const pinging = setInterval(() => response.write(": ping\n\n"), PING_EVERY_MS);
  const end = (): void => {
    stopListening();
    clearInterval(sending);
    clearInterval(pinging);
    response.end();
  };
  request.socket.once("close", end);
  return end;
}
