/** What an entry point (or the development worker) uses to set an instance up and to hear what it does. */
export type { HttpAnswer, HttpTransport, RestTarget } from "./aws/http-transport.js";
export type { InstanceConfig, QueueLink } from "./config/instance.js";
export { configureInstance, instanceConfig } from "./config/instance.js";
export type { BundledQueue } from "./config/instance-from-environment.js";
export { instanceFromEnvironment } from "./config/instance-from-environment.js";
export type { ScriptEnvironment } from "./config/script-instance.js";
export { DUMMY_KEYS, toScriptQueues } from "./config/script-instance.js";
export { hideSecrets } from "./log/hide-secrets.js";
export type {
  EventSourceLabel,
  FailureOutcome,
  JobEvent,
  LifecycleEvents,
  LifecycleListener,
  LogLevel,
} from "./log/lifecycle-events.js";
export { emitLifecycle, hasLifecycleListeners, onLifecycle } from "./log/lifecycle-events.js";
export { localQueueNames } from "./names/physical-names.js";
