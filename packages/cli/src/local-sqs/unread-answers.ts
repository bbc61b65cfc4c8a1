import type { Socket } from "node:net";
import type { Delivery } from "./broker/broker.js";

/** A reset that comes later says nothing of the answer: by then the client has read it and is at work. */
const UNREAD_FOR_MS = 1_000;

type Answered = { delivery: Delivery; atMs: number };

/**
 * What was handed over in the last answer on each connection. A connection that is closed while the answer still lies
 * unread at the client's end is reset: then it was never received, and is taken back. (A client that has read its
 * answer ends the connection without a reset.)
 */
export class UnreadAnswers {
  readonly #last = new WeakMap<Socket, Answered>();

  answered(socket: Socket, delivery: Delivery): void {
    this.#last.set(socket, { delivery, atMs: performance.now() });
  }

  /** The client asks for something else: it has read the answer. */
  read(socket: Socket): void {
    this.#last.delete(socket);
  }

  reset(socket: Socket): void {
    const last = this.#last.get(socket);
    this.#last.delete(socket);
    if (last !== undefined && performance.now() - last.atMs < UNREAD_FOR_MS) last.delivery.undo();
  }
}
