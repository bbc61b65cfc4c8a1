import { AwsError } from "./aws-error.js";
import { connectService } from "./connect-service.js";
import type { AwsCredentials } from "./credentials.js";
import type { HttpTransport } from "./http-transport.js";
import { callJsonRpc, type JsonRpc } from "./json-rpc.js";
import type { RetryClock } from "./retry.js";
import { sqsErrorName } from "./sqs-error-name.js";
import type {
  BatchOutput,
  ChangeMessageVisibilityBatchInput,
  ChangeMessageVisibilityInput,
  DeleteMessageBatchInput,
  DeleteMessageInput,
  GetQueueUrlInput,
  MessageAttributeValue,
  MessageToSend,
  SendMessageBatchInput,
  SendMessageBatchOutput,
  SendMessageInput,
  SendMessageOutput,
} from "./sqs-shapes.js";

/** The operations of SQS that handlers need. All throw AwsError, after the SDK's standard retries. */
export type SqsClient = {
  sendMessage(input: SendMessageInput): Promise<SendMessageOutput>;
  sendMessageBatch(input: SendMessageBatchInput): Promise<SendMessageBatchOutput>;
  deleteMessage(input: DeleteMessageInput): Promise<void>;
  deleteMessageBatch(input: DeleteMessageBatchInput): Promise<BatchOutput>;
  changeMessageVisibility(input: ChangeMessageVisibilityInput): Promise<void>;
  changeMessageVisibilityBatch(input: ChangeMessageVisibilityBatchInput): Promise<BatchOutput>;
  getQueueUrl(input: GetQueueUrlInput): Promise<{ QueueUrl?: string }>;
  /** Closes idle connections. */
  close(): void;
};

export type SqsClientOptions = {
  region: string;
  /** Where requests go, whatever host a queue's URL names. */
  endpoint: string;
  /** Default: those of the process. */
  credentials?: AwsCredentials;
  /** Carries the requests, unsigned, in place of HTTP: to an SQS in this very process. */
  transport?: HttpTransport;
  /** Default: AWS_MAX_ATTEMPTS, or 3. */
  maxAttempts?: number;
  /** Tests bring their own. */
  clock?: RetryClock & { now(): number };
};

/** Speaks SQS's JSON protocol over connections that are kept, signed for `region`. */
export function createSqsClient(options: SqsClientOptions): SqsClient {
  const rpc: JsonRpc = {
    target: "AmazonSQS",
    ...connectService({
      ...options,
      service: "sqs",
      maxAttempts: options.maxAttempts ?? maxAttemptsOf(process.env),
    }),
  };
  const call = (operation: string, input: unknown): Promise<Record<string, unknown>> =>
    callJsonRpc(rpc, operation, input, sqsErrorName);

  return {
    async sendMessage(input) {
      const output = await call("SendMessage", { ...input, ...toWireAttributes(input) });
      if (output.MD5OfMessageBody !== md5(input.MessageBody)) throw checksumMismatch([output.MessageId]);
      return output;
    },
    async sendMessageBatch(input) {
      const entries = input.Entries.map((entry) => ({ ...entry, ...toWireAttributes(entry) }));
      const output: SendMessageBatchOutput = await call("SendMessageBatch", { ...input, Entries: entries });
      verifyBodies(input, output);
      return output;
    },
    async deleteMessage(input) {
      await call("DeleteMessage", input);
    },
    deleteMessageBatch: (input) => call("DeleteMessageBatch", input),
    async changeMessageVisibility(input) {
      await call("ChangeMessageVisibility", input);
    },
    changeMessageVisibilityBatch: (input) => call("ChangeMessageVisibilityBatch", input),
    getQueueUrl: (input) => call("GetQueueUrl", input),
    close: () => rpc.transport.close(),
  };
}

function maxAttemptsOf({ AWS_MAX_ATTEMPTS }: NodeJS.ProcessEnv): number {
  const attempts = Number.parseInt(AWS_MAX_ATTEMPTS ?? "", 10);
  return attempts >= 1 ? attempts : 3;
}

/** Binary values travel in base64. Without one the attributes are sent as they are. */
function toWireAttributes({ MessageAttributes }: MessageToSend): {
  MessageAttributes?: Record<string, unknown>;
} {
  if (!MessageAttributes || !Object.values(MessageAttributes).some((value) => value.BinaryValue)) return {};
  const written = Object.entries(MessageAttributes).map(([name, value]) => [name, toWireValue(value)]);
  return { MessageAttributes: Object.fromEntries(written) };
}

function toWireValue({ BinaryValue, ...value }: MessageAttributeValue): Record<string, unknown> {
  if (!BinaryValue) return value;
  const bytes = Buffer.from(BinaryValue.buffer, BinaryValue.byteOffset, BinaryValue.byteLength);
  return { ...value, BinaryValue: bytes.toString("base64") };
}

function verifyBodies(input: SendMessageBatchInput, output: SendMessageBatchOutput): void {
  if (!output.Successful) return;
  const bodies = new Map(input.Entries.map((entry) => [entry.Id, entry.MessageBody]));
  const mismatched = output.Successful.filter(({ Id, MD5OfMessageBody }) => {
    const body = bodies.get(Id);
    return body !== undefined && md5(body) !== MD5OfMessageBody;
  });
  if (mismatched.length > 0) throw checksumMismatch(mismatched.map((entry) => entry.MessageId));
}

function md5(text: string): string {
  return process.getBuiltinModule("node:crypto").hash("md5", text);
}

function checksumMismatch(messageIds: unknown[]): AwsError {
  return new AwsError({
    name: "InvalidChecksumError",
    message: `SQS has another checksum of the body than ours: messages ${messageIds.join(", ")} were damaged on the way`,
  });
}
