import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MessageToSend } from "../../aws/sqs-shapes.js";
import { configureInstance, type InstanceConfig, type QueueLink } from "../../config/instance.js";

/** A request as it arrived. */
export type RecordedCall = {
  operation: string;
  input: MessageToSend & { QueueUrl: string; Entries?: (MessageToSend & { Id: string })[] };
  headers: IncomingHttpHeaders;
};

/** An SQS endpoint that keeps what it is sent, and answers as it is told. */
export type RecordingSqs = {
  endpoint: string;
  calls: RecordedCall[];
  /** Every message that was sent, in the order of arrival. */
  messages(): MessageToSend[];
  /** Answers the next calls in place of success; a call that returns false is answered as usual. */
  answerWith(answer: (call: RecordedCall, response: ServerResponse) => boolean): void;
  /** The most calls that were unanswered at once. */
  mostAtOnce(): number;
  stop(): Promise<void>;
};

/** Listens on a free port of 127.0.0.1. */
export async function startRecordingSqs(): Promise<RecordingSqs> {
  const calls: RecordedCall[] = [];
  let answer: (call: RecordedCall, response: ServerResponse) => boolean = () => false;
  let unanswered = 0;
  let mostAtOnce = 0;
  let messageCount = 0;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      const input = JSON.parse(Buffer.concat(chunks).toString("utf8")) as RecordedCall["input"];
      const call = { operation, input, headers: request.headers };
      calls.push(call);
      mostAtOnce = Math.max(mostAtOnce, ++unanswered);
      response.on("close", () => unanswered--);
      if (!answer(call, response)) response.end(JSON.stringify(successOf(call, () => `m${++messageCount}`)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    messages: () => calls.flatMap<MessageToSend>(({ input }) => input.Entries ?? [input]),
    answerWith: (next) => {
      answer = next;
    },
    mostAtOnce: () => mostAtOnce,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What SQS answers to a send; each message gets the next id. */
export function successOf({ input }: RecordedCall, nextId: () => string): object {
  const sent = ({ MessageBody }: MessageToSend) => ({
    MessageId: nextId(),
    MD5OfMessageBody: md5(MessageBody),
  });
  if (!input.Entries) return sent(input);
  return { Successful: input.Entries.map((entry) => ({ Id: entry.Id, ...sent(entry) })), Failed: [] };
}

export function md5(text: string): string {
  return createHash("md5").update(text, "utf8").digest("hex");
}

/** Makes this process an instance of a project with these queues, whose SQS is `endpoint`. */
export function configureQueues(
  endpoint: string,
  queues: Record<string, Partial<QueueLink>>,
  overrides: Partial<InstanceConfig> = {},
): InstanceConfig {
  const links = Object.entries(queues).map(([name, link]) => [name, { ...defaultLink(name), ...link }]);
  const config: InstanceConfig = {
    project: "test",
    stage: "dev",
    queues: Object.fromEntries(links),
    sqs: {
      region: "us-east-1",
      endpoint,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      queueUrlPrefix: `${endpoint}/000000000000/`,
    },
    baseUrl: null,
    readableLogs: false,
    ...overrides,
  };
  configureInstance(config);
  return config;
}

function defaultLink(name: string): QueueLink {
  return {
    name,
    fifo: name.endsWith(".fifo"),
    physicalName: name,
    deadLetterPhysicalName: `${name}-dlq`,
    jobs: ["default"],
    maxPayloadBytes: null,
    track: false,
  };
}
