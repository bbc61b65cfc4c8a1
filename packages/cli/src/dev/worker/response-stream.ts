import { Writable } from "node:stream";
import type { AnswerHead, FromWorker, WholeAnswer } from "./protocol.js";

/** Bytes that may be on their way to a client before the writer is made to wait for it. */
export const STREAM_WINDOW_BYTES = 256 * 1024;

type Post = (message: FromWorker, transfer?: ArrayBuffer[]) => void;

/**
 * The stream that Lambda hands to a streaming handler, as far as the development server needs it: an answer that is
 * written and ended in one turn goes as one message; anything longer goes piece by piece, no faster than the client
 * takes it.
 */
export class ResponseStream extends Writable {
  readonly #id: number;
  readonly #post: Post;
  #head: AnswerHead = {
    statusCode: 200,
    headers: { "content-type": "application/octet-stream" },
    cookies: [],
  };
  #headPosted = false;
  /** The first write, until it is known whether it is the whole answer. */
  #held: string | Uint8Array | null = null;
  #answer: WholeAnswer | null = null;
  #inWindow = 0;
  #resume: (() => void) | null = null;

  constructor(id: number, post: Post) {
    super({ highWaterMark: STREAM_WINDOW_BYTES, decodeStrings: false });
    this.#id = id;
    this.#post = post;
  }

  /** What Lambda calls `setContentType`, for handlers that give their answer no head of its own. */
  setContentType(contentType: string): void {
    this.#head = { statusCode: 200, headers: { "content-type": contentType }, cookies: [] };
  }

  /** Sets status and headers; only before anything is written. */
  setHead(head: AnswerHead): void {
    this.#head = head;
  }

  /** The whole answer, if it was made in one turn and is not on its way yet: it may travel with another message. */
  takeAnswer(): WholeAnswer | null {
    const answer = this.#answer;
    this.#answer = null;
    return answer;
  }

  /** The client has taken a window's worth. */
  resume(): void {
    this.#inWindow = 0;
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    if (typeof chunk !== "function" && chunk !== undefined && chunk !== null)
      this.write(chunk, encoding as BufferEncoding);
    if (!this.#headPosted && !this.writableEnded) {
      const body = this.#held;
      this.#headPosted = true;
      this.#held = null;
      this.#answer = { head: this.#head, body: ownBytes(body) };
      setImmediate(() => {
        const answer = this.takeAnswer();
        if (answer) this.#post({ type: "answered", id: this.#id, answer });
      });
    } else if (!this.writableEnded) this.#endDue = true;
    const done = [chunk, encoding, callback].find((value) => typeof value === "function");
    return done ? super.end(done as () => void) : super.end();
  }

  override _write(
    chunk: string | Buffer,
    encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    const piece = typeof chunk === "string" && encoding !== "utf8" ? Buffer.from(chunk, encoding) : chunk;
    if (this.#headPosted || this.#held !== null) {
      this.#postHeld();
      this.#send(piece, callback);
      return;
    }
    this.#held = piece;
    setImmediate(() => this.#postHeld());
    callback();
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.#endDue) this.#post({ type: "end", id: this.#id });
    callback();
  }

  #endDue = false;

  #postHeld(): void {
    const held = this.#held;
    if (held === null || this.destroyed) return;
    this.#held = null;
    this.#headPosted = true;
    this.#post({ type: "head", id: this.#id, head: this.#head });
    if (held.length > 0) this.#send(held, () => {});
  }

  #send(piece: string | Uint8Array, callback: () => void): void {
    if (this.#inWindow >= STREAM_WINDOW_BYTES) {
      this.#resume = () => this.#send(piece, callback);
      return;
    }
    const bytes = typeof piece === "string" ? new Uint8Array(Buffer.from(piece)) : new Uint8Array(piece);
    if (bytes.length > 0) {
      this.#inWindow += bytes.length;
      this.#post({ type: "chunk", id: this.#id, bytes }, [bytes.buffer]);
    }
    callback();
  }
}

/** A copy of its own: a view would take all of the memory that it is cut from along to the other thread. */
function ownBytes(body: string | Uint8Array | null): string | Uint8Array | null {
  return body instanceof Uint8Array ? new Uint8Array(body) : body;
}

/** What a streaming handler passes to `HttpResponseStream.from`. */
type Prelude = { statusCode?: number; headers?: Record<string, unknown>; cookies?: string[] };

/**
 * The global `awslambda` of Lambda's Node runtime: marks streaming handlers, and gives their answers status and headers.
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
export const awslambda = {
  streamifyResponse<Handler>(handler: Handler): Handler {
    return handler;
  },
  HttpResponseStream: {
    from(stream: ResponseStream, { statusCode = 200, headers = {}, cookies = [] }: Prelude): ResponseStream {
      const asText = Object.entries(headers).map(([name, value]) => [name, String(value)]);
      stream.setHead({ statusCode, headers: Object.fromEntries(asText), cookies });
      return stream;
    },
  },
};
