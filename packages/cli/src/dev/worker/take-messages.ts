import type { ToWorker } from "./protocol.js";

/** How long nobody may have needed a worker before it warms up: while the server starts, the processor is needed there. */
const IDLE_MS = 40;

/**
 * Hands messages over as they come, but for this: a worker that nobody needs for a moment warms up, and what comes
 * meanwhile waits. To be told what it becomes, or may become, is not yet to be needed.
 *
 * @param warmUp - never rejects
 */
export function takeMessages(
  port: { on(event: "message", listener: (message: ToWorker) => void): unknown },
  receive: (message: ToWorker) => void,
  warmUp: () => Promise<void>,
): void {
  const waiting: ToWorker[] = [];
  let state: "idle" | "warming" | "open" = "idle";

  const open = (): void => {
    state = "open";
    for (const message of waiting.splice(0)) receive(message);
  };
  const idle = setTimeout(() => {
    state = "warming";
    void warmUp().then(open);
  }, IDLE_MS);
  port.on("message", (message) => {
    if (state === "open") return receive(message);
    waiting.push(message);
    if (state === "warming" || message.type === "define") return;
    clearTimeout(idle);
    open();
  });
}
