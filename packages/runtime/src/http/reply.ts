/**
 * An answer made without the Fetch API's `Response`, whose first use costs a cold start 30 to 48 ms. Our own handlers
 * (`queue.http`, errors, redirects) return it; users return plain values or a real `Response`.
 */
export class HttpReply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | null;

  constructor(status: number, body: string | Uint8Array | null = null, headers: Record<string, string> = {}) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** A JSON answer. */
  static json(status: number, value: unknown, headers: Record<string, string> = {}): HttpReply {
    return new HttpReply(status, JSON.stringify(value), { "content-type": "application/json", ...headers });
  }
}
