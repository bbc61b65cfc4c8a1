import { queue } from "#queues/orders.fifo.js";

/** POST /orders/CUSTOMER/ORDER: an order that is sent twice within five minutes runs once. */
export const post = queue.http;
