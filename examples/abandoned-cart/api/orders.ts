import type { HttpRequest } from "queue-run";
import { queue as reminders } from "#queues/reminders.js";

/** POST /orders: the cart is bought. What was cancelled will never run, so nobody is reminded of what they have paid. */
export async function post({ body }: HttpRequest<{ customer: string }>) {
  const { cancelled } = await reminders.cancel(`cart:${body.customer}`);
  return { ordered: true, remindersCancelled: cancelled };
}
