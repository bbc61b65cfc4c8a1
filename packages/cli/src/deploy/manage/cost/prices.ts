/**
 * AWS's list prices that an estimate is made with: on demand, in US dollars, without taxes. They are written here
 * rather than asked for, so that an estimate needs no account; `asOf` is printed with every estimate.
 */
export const PRICES = {
  region: "us-east-1",
  asOf: "2026-11-21",
  /** https://aws.amazon.com/sqs/pricing/ — a request for each 64 KB of a message. */
  sqs: { chunkBytes: 65_536, standard: 0.4e-6, fifo: 0.5e-6, fairQueueSurcharge: 0.1e-6 },
  /** https://aws.amazon.com/lambda/pricing/ */
  lambda: { request: 0.2e-6, gigabyteSecond: { arm64: 0.0000133334, x86_64: 0.0000166667 } },
  /** https://aws.amazon.com/cloudwatch/pricing/ — logs, collected. */
  logs: { gigabyte: 0.5 },
  /** https://aws.amazon.com/api-gateway/pricing/ — HTTP APIs; function URLs cost nothing of their own. */
  httpApi: { request: 1e-6 },
  /** https://aws.amazon.com/api-gateway/pricing/ — WebSocket APIs: messages by 32 KB, either way, and time connected. */
  webSocketApi: { message: 1e-6, connectionMinute: 0.25e-6 },
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ — a write unit for each KB. */
  dynamodb: { write: 0.625e-6 },
  /** https://aws.amazon.com/eventbridge/pricing/ — Scheduler. */
  scheduler: { invocation: 1e-6 },
} as const;

/** What every account has for nothing each month, all its projects together. The same pages. */
export const FREE_TIER = {
  sqsRequests: 1_000_000,
  lambdaRequests: 1_000_000,
  lambdaGigabyteSeconds: 400_000,
  logGigabytes: 5,
  schedulerInvocations: 14_000_000,
} as const;
