import type { AnyQueue } from "../queue/reference.js";
import { HttpReply } from "./reply.js";

/** A stand-in until the route of a queue is written: answers 501. */
export function createQueueHttp(_queue: AnyQueue): () => Promise<HttpReply> {
  return async () => new HttpReply(501);
}
