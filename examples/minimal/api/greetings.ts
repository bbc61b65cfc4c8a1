import { queue } from "#queues/greetings.js";

export const post = queue.http;
