import type { ActualQueue } from "../actual/actual-state.js";

/** Visible, in flight and delayed. SQS API Reference, GetQueueAttributes: the counts are approximate. */
export function messagesIn(queue: ActualQueue | null): number {
  if (!queue) return 0;
  const names = ["", "NotVisible", "Delayed"].map((state) => `ApproximateNumberOfMessages${state}`);
  return names.reduce((sum, name) => sum + Number(queue.attributes[name] ?? 0), 0);
}
