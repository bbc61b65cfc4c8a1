import { queues } from "queue-run";
import { sendEmail } from "#lib/email.js";

type Reminder = { customer: string; items: string[] };

export const queue = queues.self<Reminder>();

/** Jobs that can be cancelled have records. A reminder that could not be sent within a day is not sent at all. */
export const config = { track: true, expires: "1d", retries: 3 } as const;

/** A job may run twice. Its id is the same then, so that the e-mail goes out once. */
export default queue.handler(async ({ customer, items }, { jobId }) => {
  await sendEmail({ id: jobId, to: customer, subject: `You left ${items.join(" and ")} in your cart` });
});
