import type { InstanceConfig } from "../config/instance.js";
import { AwsError } from "./aws-error.js";
import { connectService } from "./connect-service.js";
import { resolveServiceEndpoint } from "./endpoint.js";
import { callRest } from "./rest-json.js";

/** Input of CreateSchedule, as far as it is used. EventBridge Scheduler API Reference. */
export type ScheduleInput = {
  /** In the URL, not in the body. */
  Name: string;
  GroupName: string;
  ClientToken: string;
  ScheduleExpression: string;
  ScheduleExpressionTimezone: string;
  FlexibleTimeWindow: { Mode: "OFF" };
  ActionAfterCompletion: "DELETE";
  Target: { Arn: string; RoleArn: string; Input: string; DeadLetterConfig?: { Arn: string } };
};

/** The operations of EventBridge Scheduler that handlers need. All throw AwsError, after the SDK's standard retries. */
export type SchedulerClient = {
  /** @returns false when there is a schedule of that name already */
  create(schedule: ScheduleInput): Promise<boolean>;
  /** @returns false when there is none of that name */
  delete(name: string, groupName: string): Promise<boolean>;
  /** Closes the connections. */
  close(): void;
};

/** As many as the SDK makes. */
const MAX_ATTEMPTS = 3;

/** Where the endpoint is not given: AWS_ENDPOINT_URL_SCHEDULER, AWS_ENDPOINT_URL, or the region's own. */
export function connectScheduler({ sqs, delays }: Pick<InstanceConfig, "sqs" | "delays">): SchedulerClient {
  const service = connectService({
    service: "scheduler",
    region: sqs.region,
    endpoint: delays?.endpoint ?? resolveServiceEndpoint("SCHEDULER", sqs.queueUrlPrefix, process.env),
    credentials: sqs.credentials,
    transport: delays?.transport,
    maxAttempts: MAX_ATTEMPTS,
  });
  return {
    create: ({ Name, ...schedule }) =>
      unless("ConflictException", callRest(service, { method: "POST", path: pathOf(Name) }, schedule)),
    delete: (name, groupName) =>
      unless(
        "ResourceNotFoundException",
        callRest(service, { method: "DELETE", path: pathOf(name), query: { groupName } }),
      ),
    close: () => service.transport.close(),
  };
}

function pathOf(name: string): string {
  return `/schedules/${encodeURIComponent(name)}`;
}

async function unless(errorName: string, call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.name === errorName) return false;
    throw error;
  }
}
