/** How a job travels in an SQS message: for tools that read and write messages as handlers and pushes do. */

export type { ErrorDescription } from "./errors/describe-error.js";
export {
  countRedrives,
  type DeadLetterFailure,
  decodeFailure,
  FAILURE_ATTRIBUTE,
} from "./job/dead-letter-failure.js";
export {
  decodeEnvelope,
  defaultEnvelope,
  ENVELOPE_ATTRIBUTE,
  type Envelope,
  encodeEnvelope,
} from "./queue/envelope.js";
export { decodePayload, encodePayload } from "./queue/payload.js";
export { METRICS, METRICS_NAMESPACE, type MetricsDimensions } from "./telemetry/metric-names.js";
