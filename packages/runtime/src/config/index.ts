export type { BackoffRule } from "../job/backoff.js";
export { MAX_RETRY_DELAY_SECONDS, retryDelaySeconds } from "../job/backoff.js";
export {
  functionTimeoutSeconds,
  scheduleFunctionTimeoutSeconds,
  visibilityTimeoutSeconds,
} from "../job/timeouts.js";
export { type ScheduleInput, scheduleInput } from "../schedule/schedule-input.js";
export { scheduleLeaseKey } from "../schedule/schedule-lease.js";
export type { Duration } from "../values/duration.js";
export { durationInSeconds } from "../values/duration.js";
export type { Size } from "../values/size.js";
export { sizeInBytes } from "../values/size.js";
export type { ProjectConfig, ProjectConfigInput } from "./project-config.js";
export { defineConfig } from "./project-config.js";
export type { Backoff, IamStatement, QueueConfig, QueueSettings } from "./queue-config.js";
export { defaultQueueSettings } from "./queue-config.js";
export type { RouteConfig, RouteSettings } from "./route-config.js";
export { defaultRouteSettings } from "./route-config.js";
export type { ScheduleConfig, ScheduleSettings } from "./schedule-config.js";
export { defaultScheduleSettings } from "./schedule-config.js";
export type { SocketConfig, SocketSettings } from "./socket-config.js";
export { defaultSocketSettings, socketFunctionTimeoutSeconds } from "./socket-config.js";
