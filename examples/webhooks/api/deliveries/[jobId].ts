import { queue } from "#queues/deliveries.js";

/** What has become of a delivery: its attempts, and the error of the last. */
export const get = queue.statusHttp;
