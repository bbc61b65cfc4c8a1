import type { Duration } from "../values/duration.js";
import type { Size } from "../values/size.js";

/**
 * A function of what the handler returned. Written as a method's type, so that its parameter may be declared as
 * narrowly as the handler's result is.
 */
type OfResult<T> = { of(result: unknown): T }["of"];

/** `export const config` of a file in api/. `cache` and `etag` may be functions; the rest is read without running it. */
export type RouteConfig = {
  /** Content types that are accepted: one or a list; wildcards ("image/*"). Default: any. */
  accepts?: string | string[];
  /** Methods of a default export. Default: all. */
  methods?: string | string[];
  /** Default true. */
  cors?: boolean;
  /** Seconds, a Cache-Control value, or a function of the result. */
  cache?: number | string | OfResult<number | string | undefined>;
  /** Default true: a hash of the body. */
  etag?: boolean | OfResult<string | undefined>;
  /** Default 10 seconds. */
  timeout?: Duration;
  /** Default "1MB". */
  maxBody?: Size;
};

/** The static part of a route's config, defaults filled in; `cache` and `etag` are read from the module at run time. */
export type RouteSettings = {
  accepts: string[] | null;
  /** Upper case. Null: what the exports say, or all for a default export. */
  methods: string[] | null;
  cors: boolean;
  timeoutSeconds: number;
  maxBodyBytes: number;
};

/** @returns the defaults of the contract, as a fresh object */
export function defaultRouteSettings(): RouteSettings {
  return { accepts: null, methods: null, cors: true, timeoutSeconds: 10, maxBodyBytes: 1024 ** 2 };
}
