import { setTimeout as sleep } from "node:timers/promises";
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { SQSBatchResponse } from "aws-lambda";
import { createDeployedFunctions, type DeployedFunctions } from "./aws-stand-in/deployed-functions.js";
import { type FunctionUrl, serveFunctionUrl } from "./aws-stand-in/function-url.js";
import type { EventSourceMapping } from "./moto-proxy/event-source-mappings.js";
import type { Aws } from "./moto-proxy.js";
import { toSqsRecord } from "./sqs-record.js";

/** What AWS does with what was deployed: polls queues, invokes functions, answers HTTP. */
export type StandIn = {
  /** Serves a function's URL as it is configured, on an address of this machine. */
  serve: (functionName: string) => Promise<FunctionUrl>;
  /** What the instances of a function have logged, as objects. */
  logs: (functionName: string) => Record<string, unknown>[];
  /** Invokes `live` with an event: a schedule's, for one. */
  invoke: DeployedFunctions["invoke"];
  /** Of a function, as the policies are now. */
  roleOf: DeployedFunctions["roleOf"];
  /** What went wrong in a delivery, as the poller saw it, and what the roles of functions did not allow. */
  failures: () => string[];
  stop: () => Promise<void>;
};

const LOOK_FOR_MAPPINGS_MS = 200;

/** What Lambda's poller does as the function's role. Lambda Developer Guide, "Using Lambda with Amazon SQS". */
const CONSUMING = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/**
 * Polls the queues of all event source mappings at moto, those made later too, and runs the zips that were uploaded:
 * those that the alias points to. Nothing of it is counted, delayed or failed by the proxy.
 */
export function startStandIn(aws: Aws): StandIn {
  const functions = createDeployedFunctions(aws);
  const stopping = new AbortController();
  const failures: string[] = [];
  const sqs = new SQSClient({
    endpoint: aws.motoEndpoint,
    region: aws.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const polled = new Map<string, Promise<void>>();

  const current = (uuid: string) =>
    aws
      .eventSourceMappings()
      .find(({ UUID, State }) => UUID === uuid && /^(?:Enabled|Updating)$/.test(State));

  async function poll(uuid: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const mapping = current(uuid);
      if (!mapping) return;
      await deliver(mapping).catch((error: unknown) => {
        failures.push(String(error));
        return sleep(LOOK_FOR_MAPPINGS_MS);
      });
    }
  }

  async function deliver({ EventSourceArn, FunctionArn, BatchSize = 10 }: EventSourceMapping): Promise<void> {
    const name = EventSourceArn.slice(EventSourceArn.lastIndexOf(":") + 1);
    const QueueUrl = `${aws.motoEndpoint}/${aws.account}/${name}`;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(BatchSize, 10),
        WaitTimeSeconds: 1,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      }),
    );
    if (Messages.length === 0) return;
    const role = await functions.roleOf(FunctionArn);
    for (const action of CONSUMING) {
      const isAllowed = await role.may({ action, resource: EventSourceArn, context: {} });
      if (!isAllowed) throw new Error(`The role of ${FunctionArn} does not allow ${action}.`);
    }
    const event = { Records: Messages.map((message) => toSqsRecord(EventSourceArn, message)) };
    const { ok, body } = await functions.invoke(FunctionArn, event);
    if (!ok) throw new Error(`${FunctionArn}: ${body.toString("utf8")}`);
    const { batchItemFailures = [] } = JSON.parse(body.toString("utf8")) as SQSBatchResponse;
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const Entries = Messages.filter(({ MessageId = "" }) => !failed.has(MessageId)).map(
      ({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }),
    );
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }

  async function lookForMappings(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const { UUID } of aws.eventSourceMappings()) {
        if (polled.has(UUID) || !current(UUID)) continue;
        polled.set(
          UUID,
          poll(UUID).finally(() => polled.delete(UUID)),
        );
      }
      await sleep(LOOK_FOR_MAPPINGS_MS);
    }
  }
  const looking = lookForMappings();
  const urls: FunctionUrl[] = [];

  return {
    async serve(functionName) {
      const url = await serveFunctionUrl(aws, functions, functionName);
      urls.push(url);
      return url;
    },
    logs: functions.logs,
    invoke: functions.invoke,
    roleOf: functions.roleOf,
    failures: () => [...failures, ...functions.denied()],
    async stop() {
      stopping.abort();
      for (const url of urls) url.close();
      await looking;
      await Promise.all(polled.values());
      functions.stop();
      sqs.destroy();
    },
  };
}
