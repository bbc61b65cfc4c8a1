import type { Socket } from "node:net";
import { AnswerReader, type HttpAnswer } from "./answer-reader.js";
import { AwsError } from "./aws-error.js";

/** A request that was written, and who waits for its answer. */
type Exchange = {
  reader: AnswerReader;
  resolve: (answer: HttpAnswer) => void;
  reject: (error: AwsError) => void;
};

/** Of what the peer says it keeps an idle connection for, what the way there may take. As Node's own agent. */
const IDLE_MARGIN_MS = 1_000;

/**
 * One connection, which carries one request at a time. Between requests it does not keep the process alive.
 *
 * It speaks HTTP/1.1 itself: of a warm push, node:http's own client takes more than all the rest together.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #silenceTimeoutMs: number;
  readonly #onFree: (connection: HttpConnection) => void;
  readonly #onGone: (connection: HttpConnection) => void;
  #exchange: Exchange | null = null;
  #failure: (Error & { code?: string }) | null = null;
  /** The peer closes idle connections sooner than we do. */
  #isIdleLimited = false;

  /**
   * @param socket - connecting, or connected
   * @param silenceTimeoutMs - a connection that says nothing for this long is dead
   * @param on - `free`: another request may follow; `gone`: none ever will
   */
  constructor(
    socket: Socket,
    silenceTimeoutMs: number,
    on: { free: (connection: HttpConnection) => void; gone: (connection: HttpConnection) => void },
  ) {
    this.#socket = socket;
    this.#silenceTimeoutMs = silenceTimeoutMs;
    this.#onFree = on.free;
    this.#onGone = on.gone;
    socket.setTimeout(silenceTimeoutMs);
    socket.on("data", (bytes: Buffer) => this.#received(bytes));
    socket.on("timeout", () =>
      socket.destroy(this.#exchange ? new SilentConnection(silenceTimeoutMs) : undefined),
    );
    socket.on("error", (error) => {
      this.#failure = error;
    });
    socket.on("end", () => this.#answered(this.#exchange?.reader.end() ?? null));
    socket.on("close", () => this.#closed());
  }

  /** Whether a request may be written: the peer has not closed the connection, as far as we know. */
  get isOpen(): boolean {
    return this.#socket.writable && !this.#socket.readableEnded;
  }

  /** Writes a request, whole. @throws AwsError when no whole answer comes */
  send(request: string): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#exchange = { reader: new AnswerReader(), resolve, reject };
      if (this.#isIdleLimited) {
        this.#isIdleLimited = false;
        this.#socket.setTimeout(this.#silenceTimeoutMs);
      }
      this.#socket.ref();
      // One write, so that head and body leave in one packet where they fit.
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(bytes: Buffer): void {
    if (!this.#exchange) {
      // Nobody asked: what follows could be taken for the next request's answer.
      this.#socket.destroy();
      return;
    }
    try {
      this.#answered(this.#exchange.reader.add(bytes));
    } catch (error) {
      this.#socket.destroy(error as AwsError);
    }
  }

  #answered(answer: HttpAnswer | null): void {
    const exchange = this.#exchange;
    if (!answer || !exchange) return;
    this.#exchange = null;
    if (exchange.reader.leavesConnectionOpen && this.#socket.writableLength === 0 && this.#keepIdle(answer))
      this.#onFree(this);
    else this.#socket.destroy();
    exchange.resolve(answer);
  }

  /** @returns whether the peer will take another request */
  #keepIdle({ headers }: HttpAnswer): boolean {
    const seconds = /(?:^|[,\s])timeout=(\d+)/i.exec(headers["keep-alive"] ?? "")?.[1];
    if (seconds !== undefined) {
      const idleMs = Number(seconds) * 1_000 - IDLE_MARGIN_MS;
      if (idleMs <= 0) return false;
      if (idleMs < this.#silenceTimeoutMs) {
        this.#isIdleLimited = true;
        this.#socket.setTimeout(idleMs);
      }
    }
    this.#socket.unref();
    return true;
  }

  #closed(): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#onGone(this);
    exchange?.reject(toAwsError(this.#failure ?? new BrokenConnection()));
  }
}

class SilentConnection extends Error {
  readonly code = "ETIMEDOUT";

  constructor(silenceTimeoutMs: number) {
    super(`No answer within ${silenceTimeoutMs / 1000} s`);
  }
}

class BrokenConnection extends Error {
  readonly code = "ECONNRESET";

  constructor() {
    super("The connection was closed before the answer was complete");
  }
}

function toAwsError(error: Error & { code?: string }): AwsError {
  if (error instanceof AwsError) return error;
  const code = error.code ?? error.name;
  const isTimeout = code === "ECONNRESET" || code === "EPIPE" || code === "ETIMEDOUT";
  return new AwsError({
    name: isTimeout ? "TimeoutError" : error.name,
    code,
    message: error.message || code,
    cause: error,
  });
}
