import type { HttpRequest } from "queue-run";
import { subscribers } from "#lib/subscribers.js";
import { queue as deliveries } from "#queues/deliveries.js";

/** Something happened: every subscriber is told. Answers with the ids of the deliveries. */
export async function post({ body }: HttpRequest<{ event: string; data?: unknown }>) {
  const { event, data = null } = body;
  return await deliveries.pushAll(subscribers().map((url) => ({ url, event, data })));
}
