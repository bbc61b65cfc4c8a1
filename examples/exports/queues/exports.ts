import { fatal, queues } from "queue-run";
import { daysOf, ordersOn } from "#lib/orders.js";

type Export = { month: string };

/** The result is the file: what is larger than 256 KB belongs into S3, and its key is the result. */
export const queue = queues.self<Export, string>();

/** Who has three exports waiting gets no fourth; what has not started within an hour is not wanted any more. */
export const config = {
  track: true,
  timeout: "5m",
  retries: 2,
  expires: "1h",
  limits: { pending: 3 },
} as const;

export default queue.handler(async ({ month }, { progress, signal }) => {
  const days = daysOf(month);
  if (days.length === 0) throw fatal(`There is no month ${month}`);
  const lines = ["day,orders,total"];
  for (const day of days) {
    const { orders, total } = await ordersOn(day, signal);
    lines.push(`${day},${orders},${total.toFixed(2)}`);
    await progress({ done: lines.length - 1, of: days.length });
  }
  return `${lines.join("\n")}\n`;
});
