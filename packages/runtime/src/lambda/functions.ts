import type { QueueSettings } from "../config/queue-config.js";
import type { RouteSettings } from "../config/route-config.js";
import type { ScheduleSettings } from "../config/schedule-config.js";
import type { SocketSettings } from "../config/socket-config.js";

/** A user's module: its exports by name. */
export type UserModule = Record<string, unknown>;

/** What the entry point of a queue's function is made from. */
export type QueueFunction = {
  name: string;
  fifo: boolean;
  settings: QueueSettings;
  /** Loads queues/NAME.ts; called once. */
  load: () => Promise<UserModule>;
  /** Loads index.ts, before any handler; called once. Left out when there is none. */
  loadIndex?: () => Promise<UserModule>;
};

/** What the entry point of a schedule's function is made from. */
export type ScheduleFunction = {
  name: string;
  /** What handlers are told of when it runs. */
  cron: string;
  settings: ScheduleSettings;
  /** Loads schedules/NAME.ts; called once. */
  load: () => Promise<UserModule>;
  /** Loads index.ts, before the handler; called once. Left out when there is none. */
  loadIndex?: () => Promise<UserModule>;
};

/** One file in api/. */
export type HttpRoute = {
  /** "/orders/[id]", "/reports/[...rest]", "/orders.[format]", "/": as in the file's path. */
  path: string;
  /** "api/orders/[id].ts" */
  file: string;
  /** Names the file exports: get, post, …, default, authenticate, … */
  exports: string[];
  settings: RouteSettings;
  /** The `_middleware` files that apply, nearest first. */
  middleware: string[];
};

/** What the entry point of the API's function is made from. */
export type HttpFunction = {
  routes: HttpRoute[];
  /** Loads a file of api/ by the name it has in `routes`: the same module each time. */
  load: (file: string) => Promise<UserModule>;
  loadIndex?: () => Promise<UserModule>;
};

/** What the entry point of the socket's function is made from. */
export type SocketFunction = {
  /** "socket/index.ts" */
  file: string;
  /** "socket/_middleware.ts"; null: there is none. */
  middleware: string | null;
  settings: SocketSettings;
  /** Loads either by its name; called once for each. */
  load: (file: string) => Promise<UserModule>;
  /** Loads index.ts, before the handler; called once. Left out when there is none. */
  loadIndex?: () => Promise<UserModule>;
};
