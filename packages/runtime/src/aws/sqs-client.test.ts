import { createHash } from "node:crypto";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type SQSServiceException,
} from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AwsError } from "./aws-error.js";
import { createSqsClient, type SqsClient } from "./sqs-client.js";
import type { MessageToSend } from "./sqs-shapes.js";
import {
  type ArrivedRequest,
  type ScriptedAnswer,
  type ScriptedSqs,
  startScriptedSqs,
} from "./testing/scripted-sqs.js";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/key+", sessionToken: "a token=" };
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
let server: ScriptedSqs;
let sdk: SQSClient;
let ours: SqsClient;

beforeAll(async () => {
  console.log(`sqs-client against the SDK: SEED=${seed}`);
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  server = await startScriptedSqs(credentials.secretAccessKey);
  sdk = new SQSClient({ endpoint: server.endpoint, region: "eu-west-3", credentials });
  await withoutPauses(sdk);
  const clock = { now: Date.now, random: () => 0.5, sleep: async () => {} };
  ours = createSqsClient({ endpoint: server.endpoint, region: "eu-west-3", credentials, clock });
});

afterAll(async () => {
  sdk.destroy();
  ours.close();
  await server.stop();
});

/** The SDK's own retry strategy, without the time that it takes. */
async function withoutPauses(client: SQSClient): Promise<void> {
  const strategy = (await client.config.retryStrategy()) as unknown as {
    retryBackoffStrategy: { computeNextBackoffDelay(): number };
    capacity: number;
  };
  strategy.retryBackoffStrategy.computeNextBackoffDelay = () => 0;
}

/** A quota that failures of earlier runs have emptied would stop the SDK's retries: each run starts with a full one. */
async function refill(): Promise<void> {
  ((await sdk.config.retryStrategy()) as unknown as { capacity: number }).capacity = 500;
  ours.close();
  const clock = { now: Date.now, random: () => 0.5, sleep: async () => {} };
  ours = createSqsClient({ endpoint: server.endpoint, region: "eu-west-3", credentials, clock });
}

type Outcome = {
  output?: unknown;
  error?: Record<string, unknown>;
  requests: ReturnType<typeof comparable>[];
};

/** What must be the same: body, target and protocol headers; the signature is checked by the server. */
function comparable({ method, path, headers, body, isSigned }: ArrivedRequest) {
  return {
    method,
    path,
    isSigned,
    body: JSON.parse(body) as unknown,
    contentType: headers["content-type"],
    contentLength: Number(headers["content-length"]) === Buffer.byteLength(body),
    target: headers["x-amz-target"],
    queryMode: headers["x-amzn-query-mode"],
    token: headers["x-amz-security-token"],
    host: headers.host,
    attempt: headers["amz-sdk-request"],
  };
}

async function outcomeOf(
  call: () => Promise<unknown>,
  toError: (error: never) => Record<string, unknown>,
): Promise<Outcome> {
  const result: Omit<Outcome, "requests"> = await call().then(
    (output) => ({ output }),
    (error: unknown) => ({ error: toError(error as never) }),
  );
  return { ...result, requests: server.arrived.map(comparable) };
}

function ofSdk(error: SQSServiceException & { Code?: string }): Record<string, unknown> {
  const { name, message, Code, $metadata } = error;
  return {
    name,
    code: Code ?? name,
    message,
    status: $metadata?.httpStatusCode ?? null,
    requestId: $metadata?.requestId ?? null,
    attempts: $metadata?.attempts,
  };
}

function ofOurs({ name, code, message, status, requestId, attempts }: AwsError): Record<string, unknown> {
  return { name, code: status === null ? name : code, message, status, requestId, attempts };
}

type Operation = keyof Omit<SqsClient, "close">;
const COMMANDS: Record<Operation, new (input: never) => never> = {
  sendMessage: SendMessageCommand as never,
  sendMessageBatch: SendMessageBatchCommand as never,
  deleteMessage: DeleteMessageCommand as never,
  deleteMessageBatch: DeleteMessageBatchCommand as never,
  changeMessageVisibility: ChangeMessageVisibilityCommand as never,
  changeMessageVisibilityBatch: ChangeMessageVisibilityBatchCommand as never,
  getQueueUrl: GetQueueUrlCommand as never,
};

/** Makes the same call through both, and demands the same of both. */
async function compare(operation: Operation, input: unknown, script: ScriptedAnswer[]): Promise<Outcome> {
  server.play(script);
  const expected = await outcomeOf(async () => {
    const { $metadata, ...output } = (await sdk.send(new COMMANDS[operation](input as never))) as {
      $metadata: unknown;
    };
    return output;
  }, ofSdk);
  server.play(script);
  const actual = await outcomeOf(async () => (await ours[operation](input as never)) ?? {}, ofOurs);
  expect(actual).toEqual(expected);
  expect(actual.requests.every(({ isSigned, contentLength }) => isSigned && contentLength)).toBe(true);
  return actual;
}

const text = fc.oneof(
  fc.string({ minLength: 1, unit: "grapheme" }),
  fc.string({ minLength: 1, unit: "binary", maxLength: 200 }),
  fc.json({ noUnicodeString: false } as never),
  fc.constantFrom(
    "\u2028\u2029",
    "𝒳 \u{10FFFF}",
    "</script>",
    '"\\\n\t\r',
    "é".repeat(1_000),
    "x".repeat(20_000),
  ),
);
const attributes = fc.dictionary(
  fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
  fc.oneof(
    fc.record({ DataType: fc.constantFrom("String", "String.mine"), StringValue: text }),
    fc.record({ DataType: fc.constant("Number"), StringValue: fc.integer().map(String) }),
    fc.record({ DataType: fc.constant("Binary"), BinaryValue: fc.uint8Array({ minLength: 1 }) }),
  ),
  { maxKeys: 4 },
);
const message = fc.record(
  {
    MessageBody: text,
    DelaySeconds: fc.integer({ min: 0, max: 900 }),
    MessageAttributes: attributes,
    MessageSystemAttributes: fc.constant({
      AWSTraceHeader: { DataType: "String", StringValue: "Root=1-2-3" },
    }),
    MessageDeduplicationId: fc.uuid(),
    MessageGroupId: fc.stringMatching(/^[!-~]{1,40}$/),
  },
  { requiredKeys: ["MessageBody"] },
) as fc.Arbitrary<MessageToSend>;
const QueueUrl = fc.constantFrom(
  "https://sqs.eu-west-3.amazonaws.com/123456789012/q",
  "http://localhost:1/000000000000/a.fifo",
);

function md5(body: string): string {
  return createHash("md5").update(body, "utf8").digest("hex");
}

function sent({ MessageBody }: MessageToSend, index = 0) {
  return {
    MessageId: `id-${index}`,
    MD5OfMessageBody: md5(MessageBody),
    SequenceNumber: "18849496460467696128",
  };
}

/** Thousands of calls on a machine that may be busy. */
const MANY = { timeout: 120_000 };

describe("requests and answers are those of the SDK", MANY, () => {
  test("SendMessage, over 1,500 random messages", async () => {
    await fc.assert(
      fc.asyncProperty(QueueUrl, message, async (QueueUrl, input) => {
        const { output } = await compare("sendMessage", { QueueUrl, ...input }, [
          { kind: "output", output: sent(input) },
        ]);
        expect(output).toEqual(sent(input));
      }),
      { numRuns: 1_500, seed },
    );
  });

  test("SendMessageBatch, over 500 random batches with some entries refused", async () => {
    const entries = fc.array(fc.tuple(message, fc.boolean()), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(QueueUrl, entries, async (QueueUrl, list) => {
        const Entries = list.map(([entry], index) => ({ Id: `e${index}`, ...entry }));
        const refusal = { Code: "InternalError", SenderFault: false, Message: "é" };
        const output = {
          Successful: list.flatMap(([entry, ok], index) =>
            ok ? [{ Id: `e${index}`, ...sent(entry, index) }] : [],
          ),
          Failed: list.flatMap(([, ok], index) => (ok ? [] : [{ Id: `e${index}`, ...refusal }])),
        };
        await compare("sendMessageBatch", { QueueUrl, Entries }, [{ kind: "output", output }]);
      }),
      { numRuns: 500, seed },
    );
  });

  test("the other operations, over 500 random handles", async () => {
    await fc.assert(
      fc.asyncProperty(
        QueueUrl,
        text,
        fc.integer({ min: 0, max: 43_200 }),
        async (QueueUrl, ReceiptHandle, seconds) => {
          const one = { ReceiptHandle, VisibilityTimeout: seconds };
          const Entries = [
            { Id: "0", ...one },
            { Id: "1", ReceiptHandle, VisibilityTimeout: 0 },
          ];
          const output = {
            Successful: [{ Id: "0" }],
            Failed: [{ Id: "1", Code: "ReceiptHandleIsInvalid", SenderFault: true }],
          };
          const done: ScriptedAnswer[] = [{ kind: "output", output: {} }];
          await compare("deleteMessage", { QueueUrl, ReceiptHandle }, done);
          await compare("changeMessageVisibility", { QueueUrl, ...one }, done);
          const handles = Entries.map(({ Id }) => ({ Id, ReceiptHandle }));
          await compare("deleteMessageBatch", { QueueUrl, Entries: handles }, [{ kind: "output", output }]);
          await compare("changeMessageVisibilityBatch", { QueueUrl, Entries }, [{ kind: "output", output }]);
          await compare("getQueueUrl", { QueueName: "q" }, [{ kind: "output", output: { QueueUrl } }]);
        },
      ),
      { numRuns: 100, seed },
    );
  });
});

const requestIds = fc.constantFrom({}, { "x-amzn-requestid": "r-1" }, { "x-amz-request-id": "r-2" });
const queryErrors = fc.constantFrom(
  "AWS.SimpleQueueService.NonExistentQueue",
  "AWS.SimpleQueueService.EmptyBatchRequest",
  "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  "AWS.SimpleQueueService.UnsupportedOperation",
  "AWS.SimpleQueueService.SomethingNew",
  "QueueAlreadyExists",
  "InvalidParameterValue",
  "InvalidMessageContents",
  "MissingParameter",
  "OverLimit",
  "RequestThrottled",
  "ThrottlingException",
  "KMS.ThrottlingException",
  "KMS.AccessDeniedException",
  "KMS.OptInRequired",
  "KMS.SomethingNew",
);
const types = fc.constantFrom(
  "QueueDoesNotExist",
  "AccessDenied",
  "InternalError",
  "RequestThrottled",
  "InvalidAddress",
);
const statuses = fc.constantFrom(400, 403, 404, 429, 500, 502, 503, 504, 501);
const failure: fc.Arbitrary<ScriptedAnswer> = fc.oneof(
  fc.constant({ kind: "reset" as const }),
  fc
    .record({
      status: statuses,
      ids: requestIds,
      query: fc.option(queryErrors),
      type: fc.option(types),
      message: fc.option(text),
    })
    .map(({ status, ids, query, type, message }) => ({
      kind: "error" as const,
      status,
      headers: { ...ids, ...(query && { "x-amzn-query-error": `${query};Sender` }) } as Record<
        string,
        string
      >,
      body: JSON.stringify({
        ...(type && { __type: `com.amazonaws.sqs#${type}` }),
        ...(message && { message }),
      }),
    })),
  fc.record({ status: statuses, type: types }).map(({ status, type }) => ({
    kind: "error" as const,
    status,
    headers: { "x-amzn-errortype": `${type}:http://internal.amazon.com/` },
    body: "",
  })),
);

describe("errors and retries are those of the SDK", MANY, () => {
  test("over 1,000 random sequences of refusals, throttling and broken connections", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(failure, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (failures, succeeds) => {
          await refill();
          const success: ScriptedAnswer[] = succeeds
            ? [{ kind: "output", output: sent({ MessageBody: "x" }) }]
            : [];
          await compare("sendMessage", { QueueUrl: "http://q/", MessageBody: "x" }, [
            ...failures,
            ...success,
          ]);
        },
      ),
      { numRuns: 1_000, seed },
    );
  });

  test("an answer that is no JSON is retried by its status, and told as an error", async () => {
    for (const status of [503, 404]) {
      await refill();
      const script: ScriptedAnswer[] = [{ kind: "error", status, headers: {}, body: "<html>no</html>" }];
      server.play(script);
      await expect(
        sdk.send(new SendMessageCommand({ QueueUrl: "http://q/", MessageBody: "x" })),
      ).rejects.toThrow();
      const attempts = server.arrived.length;
      server.play(script);
      await expect(ours.sendMessage({ QueueUrl: "http://q/", MessageBody: "x" })).rejects.toMatchObject({
        status,
        attempts,
      });
    }
  });

  test("a damaged body is an error, of one message and of a batch", async () => {
    const damaged = { ...sent({ MessageBody: "y" }), Id: "0" };
    server.play([{ kind: "output", output: damaged }]);
    await expect(ours.sendMessage({ QueueUrl: "http://q/", MessageBody: "x" })).rejects.toMatchObject({
      name: "InvalidChecksumError",
    });
    server.play([{ kind: "output", output: { Successful: [damaged] } }]);
    const Entries = [{ Id: "0", MessageBody: "x" }];
    await expect(ours.sendMessageBatch({ QueueUrl: "http://q/", Entries })).rejects.toThrow(/id-0/);
    await expect(sdk.send(new SendMessageBatchCommand({ QueueUrl: "http://q/", Entries }))).rejects.toThrow(
      /id-0/,
    );
  });

  test("a clock that is wrong is corrected by AWS's, once", async () => {
    const anHourAhead = new Date(Date.now() + 3_600_000);
    const skewed: ScriptedAnswer = {
      kind: "error",
      status: 403,
      headers: { date: anHourAhead.toUTCString() },
      body: '{"__type":"InvalidSignatureException","message":"Signature not yet current"}',
    };
    await refill();
    server.play([skewed, { kind: "output", output: sent({ MessageBody: "x" }) }]);
    await ours.sendMessage({ QueueUrl: "http://q/", MessageBody: "x" });
    const signedFor = server.arrived[1]?.headers["x-amz-date"] ?? "";
    const expected = anHourAhead.toISOString().replace(/[-:]/g, "").slice(0, 11);
    expect(signedFor.slice(0, 11)).toBe(expected);
    expect(server.arrived).toHaveLength(2);
    await refill();
  });
});
