import type {
  ProjectConfig,
  QueueSettings,
  RouteSettings,
  ScheduleSettings,
  SocketSettings,
} from "@queue-run/runtime/config";
import type { ScheduleExpression } from "../schedules/schedule-expression.js";

/** Everything that dev, build, deploy, types and docs know of a project. Made without running user code. */
export type Manifest = {
  /** Absolute path of the project's folder. */
  root: string;
  /** The project's name: of queue-run.config.ts, else package.json's, else the folder's. */
  name: string;
  settings: ProjectConfig;
  queues: QueueDefinition[];
  routes: RouteDefinition[];
  schedules: ScheduleDefinition[];
  socket: SocketDefinition | null;
  /** "index.ts", when there is one. */
  index: string | null;
};

/** A file in queues/. */
export type QueueDefinition = {
  /** "update_profile.fifo": the file's name without its extension. */
  name: string;
  fifo: boolean;
  /** Relative to the root, with forward slashes: "queues/update_profile.fifo.ts". */
  file: string;
  /** "default", and every named export that is a job. */
  jobs: string[];
  /** Whether it handles batches (`export function batch`) instead of single default jobs. */
  batch: boolean;
  settings: QueueSettings;
};

/** A file in api/. */
export type RouteDefinition = {
  /** As in the file's path: "/orders/[id]". */
  path: string;
  file: string;
  exports: string[];
  settings: RouteSettings;
  /** `_middleware` files that apply, nearest first. */
  middleware: string[];
};

/** A file in schedules/. */
export type ScheduleDefinition = {
  /** "cleanup": the file's name without its extension. */
  name: string;
  /** "schedules/cleanup.ts" */
  file: string;
  /** When it runs. */
  expression: ScheduleExpression;
  settings: ScheduleSettings;
};

/** socket/index.ts and its middleware. */
export type SocketDefinition = { file: string; middleware: string | null; settings: SocketSettings };

/** Something in the project's files that must be mended before it can run. */
export type Problem = {
  /** Permanent: `QR_DUPLICATE_ROUTE`. */
  code: `QR_${string}`;
  /** Relative to the root. */
  file: string;
  /** From 1; null when the problem is the file's name or place. */
  line: number | null;
  column: number | null;
  message: string;
  fix: string;
  /** The line of the source, where it helps. */
  frame?: string;
};
