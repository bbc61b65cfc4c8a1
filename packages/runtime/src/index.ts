/** The names that users import. */

export type { ProjectConfig, ProjectConfigInput } from "./config/project-config.js";
export { defineConfig } from "./config/project-config.js";
export type { Backoff, IamStatement, QueueConfig } from "./config/queue-config.js";
export type { RouteConfig } from "./config/route-config.js";
export type { ScheduleConfig } from "./config/schedule-config.js";
export type { SocketConfig } from "./config/socket-config.js";
export { fatal, retryAfter } from "./errors/job-errors.js";
export { QueueRunError } from "./errors/queue-run-error.js";
export type { AuthenticateArgument, HttpRequest, QueryValues, User } from "./http/http-request.js";
export type { RouteRequest, RouteSchemas } from "./http/route.js";
export { route } from "./http/route.js";
export type { Url, UrlMaker, UrlParameters, UrlQuery, UrlValue } from "./http/url.js";
export { url } from "./http/url.js";
export type { BatchJob, JobMetadata, QueueBatchHandler, QueueHandler } from "./job/job-metadata.js";
export { jwt } from "./jwt/jwt.js";
export type {
  GoogleOptions,
  GoogleUser,
  JsonWebKeySet,
  JwtClaims,
  JwtVerifyOptions,
} from "./jwt/jwt-types.js";
export type {
  EventSourceLabel,
  FailureOutcome,
  JobEvent,
  LifecycleEvents,
  LogLevel,
} from "./log/lifecycle-events.js";
export type { LogListener } from "./log/logger.js";
export { logger } from "./log/logger.js";
export type { PushOptions } from "./queue/push-options.js";
export type { FifoQueue, GroupedQueue, JobStatus, Queue, QueueTypes } from "./queue/queue-types.js";
export { queues } from "./queue/queues.js";
export type { ScheduleEvent } from "./schedule/schedule-event.js";
export type { Socket, SocketRecipients } from "./socket/socket.js";
export { socket } from "./socket/socket.js";
export type {
  SocketAuthenticateArgument,
  SocketConnectEvent,
  SocketEvent,
  SocketHandler,
  SocketUserEvent,
} from "./socket/socket-event.js";
export type { Duration } from "./values/duration.js";
export type { Size } from "./values/size.js";
