import { fatal, queues, retryAfter } from "queue-run";
import { signatureOf } from "#lib/signature.js";

type Delivery = { url: string; event: string; data: unknown };

export const queue = queues.self<Delivery, { status: number }>();

/** Nine attempts: after 5, 10, 20, 40 seconds and so on, to 21 minutes in all. Then it is a dead letter. */
export const config = { track: true, timeout: "10s", retries: 8, backoffDelay: "5s" } as const;

export default queue.handler(async ({ url, event, data }, { jobId, attempt, signal }) => {
  const body = JSON.stringify({ event, data });
  const response = await fetch(url, {
    method: "POST",
    // The id is the same in each attempt: a subscriber can tell what it has had already.
    headers: {
      "Content-Type": "application/json",
      "Webhook-Id": jobId,
      "Webhook-Attempt": String(attempt),
      "Webhook-Signature": signatureOf(jobId, body),
    },
    body,
    redirect: "error",
    signal,
  });
  await response.body?.cancel();
  if (response.ok) return { status: response.status };
  if (response.status === 410) throw fatal(`${url} does not want webhooks any more`);
  const wait = Number(response.headers.get("Retry-After"));
  if (response.status === 429 && wait > 0 && wait <= 3_600) throw retryAfter(wait);
  throw new Error(`${url} answered ${response.status}`);
});
