import type { HttpRequest } from "queue-run";
import { queue as reminders } from "#queues/reminders.js";

type Cart = { items: string[] };

/** PUT /carts/ada@example.com: what is in the cart now. Each change starts the quarter of an hour again. */
export async function put({ params, body }: HttpRequest<Cart, { customer: string }>) {
  const { customer } = params;
  const tag = `cart:${customer}`;
  await reminders.cancel(tag);
  if (body.items.length > 0) await reminders.tag(tag).delay("15m").push({ customer, items: body.items });
  return { customer, items: body.items };
}
