import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { HttpFunction } from "../lambda/functions.js";
import { type Credentials, parseAuthorization } from "./authorization.js";
import { parseContentType } from "./content-type.js";
import { parseCookies } from "./cookies.js";
import { eventBodyBytes, eventBodyText } from "./event-body.js";
import { eventPath } from "./event-path.js";
import { requestUrl, toFetchRequest } from "./fetch-request.js";
import type { HttpRequest, QueryValues, User } from "./http-request.js";
import { malformedBody } from "./problem-reply.js";
import { parseQuery } from "./query.js";
import { readBody } from "./read-body.js";
import type { PathParameters } from "./router.js";

/**
 * One request, made of one event: the argument of handlers and of `authenticate`. A class of getters, so that it
 * costs a few fields to make, and what nobody reads is never computed.
 */
export class HttpContext implements HttpRequest<unknown, PathParameters> {
  readonly event: APIGatewayProxyEventV2;
  /** Whose routes answer it. */
  readonly fn: HttpFunction;
  readonly requestId: string;
  readonly method: string;
  params: PathParameters = Object.create(null);
  user: User | null = null;
  /** Set before the handler runs, by `loadBody`. */
  body: unknown = null;

  private readPath: string | undefined;
  private readQuery: QueryValues | undefined;
  private readCookies: Record<string, string> | undefined;
  private readHeaders: Record<string, string> | undefined;
  private madeRequest: Request | undefined;
  private aborter: AbortController | undefined;
  private abortReason: (() => Error) | undefined;
  private credentials: Credentials | undefined;

  constructor(event: APIGatewayProxyEventV2, fn: HttpFunction) {
    this.event = event;
    this.fn = fn;
    this.requestId = event.requestContext.requestId;
    this.method = event.requestContext.http.method.toUpperCase();
  }

  /** As the client asked for it, still encoded. */
  get path(): string {
    this.readPath ??= eventPath(this.event);
    return this.readPath;
  }

  get query(): QueryValues {
    this.readQuery ??= parseQuery(this.event.rawQueryString);
    return this.readQuery;
  }

  set query(query: QueryValues) {
    this.readQuery = query;
  }

  get cookies(): Record<string, string> {
    this.readCookies ??= parseCookies(this.event.cookies);
    return this.readCookies;
  }

  get headers(): Record<string, string> {
    this.readHeaders ??= lowerCaseNames(this.event);
    return this.readHeaders;
  }

  get url(): string {
    return requestUrl(this.event, this.path);
  }

  get request(): Request {
    this.madeRequest ??= toFetchRequest(this.event, this.url, this.signal);
    return this.madeRequest;
  }

  get signal(): AbortSignal {
    if (!this.aborter) {
      this.aborter = new AbortController();
      if (this.abortReason) this.aborter.abort(this.abortReason());
    }
    return this.aborter.signal;
  }

  /**
   * Aborts `signal`, whether it has been read yet or not.
   *
   * @param reason - called only where there is a signal to abort: an error costs more than most requests
   */
  abort(reason: () => Error): void {
    if (this.abortReason) return;
    this.abortReason = reason;
    this.aborter?.abort(reason());
  }

  get bearerToken(): string | undefined {
    return this.authorization.bearerToken;
  }

  get username(): string | undefined {
    return this.authorization.username;
  }

  get password(): string | undefined {
    return this.authorization.password;
  }

  private get authorization(): Credentials {
    this.credentials ??= parseAuthorization(this.event.headers.authorization);
    return this.credentials;
  }

  /**
   * Reads the body into `body`.
   *
   * @throws HttpReply (or rejects with it) as `readBody` does
   */
  loadBody(accepted: readonly string[] | null): Promise<void> | undefined {
    const body = readBody(this.event, accepted);
    if (!(body instanceof Promise)) {
      this.body = body;
      return undefined;
    }
    return body.then((value) => {
      this.body = value;
    });
  }

  /** What is shown of it in logs: what handlers get, not how it is kept. */
  toJSON(): object {
    const { method, url, params, query, headers, body, user, requestId } = this;
    return { method, url, params, query, headers, body, user, requestId };
  }

  /** The same for Node's `util.inspect`. */
  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return this.toJSON();
  }

  async text(): Promise<string> {
    const { charset } = parseContentType(this.event.headers["content-type"]);
    return eventBodyText(this.event, charset) ?? eventBodyBytes(this.event).toString("utf8");
  }

  async json<T>(): Promise<T> {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw malformedBody(`The body is not JSON: ${error instanceof Error ? error.message : error}`);
    }
  }

  async formData(): Promise<FormData> {
    const form = new FormData();
    const fields = await readBody(this.event, ["application/x-www-form-urlencoded", "multipart/form-data"]);
    for (const [name, value] of Object.entries((fields ?? {}) as Record<string, FormValue | FormValue[]>)) {
      for (const one of Array.isArray(value) ? value : [value]) form.append(name, one as string);
    }
    return form;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(eventBodyBytes(this.event)).buffer;
  }
}

type FormValue = string | File;

function lowerCaseNames(event: APIGatewayProxyEventV2): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const name of Object.keys(event.headers)) {
    const value = event.headers[name];
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  if (event.cookies && headers.cookie === undefined && event.cookies.length > 0) {
    headers.cookie = event.cookies.join("; ");
  }
  return headers;
}
