import type { HttpAnswer } from "../../../packages/runtime/src/aws/http-transport.js";
import {
  configureInstance,
  type InstanceConfig,
  type QueueLink,
} from "../../../packages/runtime/src/config/instance.js";
import {
  configureQueues,
  type RecordedCall,
  type RecordingSqs,
  startRecordingSqs,
} from "../../../packages/runtime/src/queue/testing/recording-sqs.js";
import { connectRecords } from "../../../packages/runtime/src/records/connect-records.js";
import type { Claim, HeldJob } from "../../../packages/runtime/src/records/record-store.js";
import { DEV_TABLE, type RunningTable } from "./record-place.js";

/** A project with tracked queues whose SQS keeps what it is sent, and whose table is development's. */
export type TrackedProject = {
  sqs: RecordingSqs;
  table: RunningTable;
  config: InstanceConfig;
  /** Operations of the table, in order. */
  tableCalls: string[];
  /** Called before each operation of the table; what it throws is what the call fails with. */
  beforeTable: (operation: string, body: string) => Promise<void> | void;
  /** Calls of EventBridge Scheduler, as "POST /schedules/…". */
  schedulerCalls: string[];
  /** Claims a pushed job as a worker does. */
  claim: (queueName: string, jobId: string, of?: Partial<Claim>) => Promise<HeldJob>;
  stop: () => Promise<void>;
};

export async function startTrackedProject(
  queues: Record<string, Partial<QueueLink>>,
): Promise<TrackedProject> {
  const [sqs, table] = await Promise.all([startRecordingSqs(), DEV_TABLE.start()]);
  const { transport } = table;
  if (!transport) throw new Error("The table of development is called in this process");
  const project: TrackedProject = {
    sqs,
    table,
    tableCalls: [],
    beforeTable() {},
    schedulerCalls: [],
    config: configureQueues(sqs.endpoint, queues, {
      table: {
        name: table.tableName,
        endpoint: "http://127.0.0.1",
        transport: {
          async post(headers, body, target) {
            const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
            project.tableCalls.push(operation);
            await project.beforeTable(operation, body);
            return transport.post(headers, body, target);
          },
          close() {},
        },
      },
      delays: {
        scheduleGroup: "test-delayed",
        roleArn: "arn:aws:iam::000000000000:role/test-delayed",
        deadLetterArn: null,
        endpoint: "http://127.0.0.1",
        transport: {
          async post(_headers, _body, target): Promise<HttpAnswer> {
            project.schedulerCalls.push(`${target?.method} ${target?.path}`);
            return { status: 200, headers: {}, body: "{}" };
          },
          close() {},
        },
      },
    }),
    async claim(queueName, jobId, of) {
      const claim: Claim = {
        queueName,
        jobId,
        job: "default",
        maxAttempts: 5,
        redrives: 0,
        tag: null,
        groupId: null,
        userId: null,
        createdAtMs: Date.now(),
        dueAtMs: null,
        retentionSeconds: 86_400,
        isCounted: false,
        leaseToken: `${jobId}/${Math.random()}`,
        leaseUntilMs: Date.now() + 60_000,
        expiresSeconds: null,
        ...of,
      };
      const answer = await connectRecords(project.config).claim(claim);
      if (answer.kind !== "claimed") throw new Error(`The job is ${JSON.stringify(answer)}`);
      return { ...claim, attempt: answer.attempt };
    },
    async stop() {
      configureInstance(null);
      await Promise.all([sqs.stop(), table.stop()]);
    },
  };
  return project;
}

/** Refuses every message of the next calls, as SQS does what it will never take. */
export function refuseSends(sqs: RecordingSqs, meanwhile: () => Promise<void> = async () => {}): void {
  sqs.answerWith((call: RecordedCall, response) => {
    void meanwhile().then(() => {
      response.statusCode = 400;
      response.end(
        JSON.stringify({ __type: "com.amazonaws.sqs#InvalidMessageContents", message: call.operation }),
      );
    });
    return true;
  });
}
