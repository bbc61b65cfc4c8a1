/** The user that `authenticate` recognised. Jobs that the request pushes get the id, as a string. */
export type User = { id: string; [property: string]: unknown };

/** A query's values by name; an array where a name repeats. */
export type QueryValues = Record<string, string | string[]>;

/**
 * What an HTTP handler is called with.
 *
 * Every member is made when it is first read; `request` is the only one that costs what the Fetch API costs.
 *
 * @typeParam B - what `body` is: an object for JSON and forms, a string for text, a Buffer for bytes, null for none
 * @typeParam P - the path's parameters; a catch-all's is a `string[]`
 * @typeParam U - what `authenticate` returns
 * @typeParam Q - the query's values
 */
export interface HttpRequest<B = unknown, P = Record<string, string>, U = User, Q = QueryValues> {
  readonly body: B;
  readonly params: P;
  readonly query: Q;
  /** Decoded values by name. */
  readonly cookies: Record<string, string>;
  /** By lower-case name. */
  readonly headers: Record<string, string>;
  /** Null: anonymous. */
  readonly user: U | null;
  /** Aborts when the time is up, when the client has gone, and when the handler has ended. */
  readonly signal: AbortSignal;
  /** Also the header X-Request-Id of the answer. */
  readonly requestId: string;
  /** The request as the Fetch API has it. */
  readonly request: Request;
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /** The body as JSON. Works beside `body`, any number of times; so do the others. */
  json<T = unknown>(): Promise<T>;
  text(): Promise<string>;
  formData(): Promise<FormData>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What `authenticate` is called with. */
export interface AuthenticateArgument<P = Record<string, string>> {
  /** From `Authorization: Bearer …`. */
  readonly bearerToken: string | undefined;
  /** From `Authorization: Basic …`. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly cookies: Record<string, string>;
  readonly query: QueryValues;
  readonly params: P;
  readonly headers: Record<string, string>;
  readonly request: Request;
  readonly requestId: string;
}
