import type { SQSMessageAttribute } from "aws-lambda";
import type { MessageAttributeValue, SendMessageInput } from "../aws/sqs-shapes.js";
import { SQS_MAX_MESSAGE_ATTRIBUTES, SQS_MAX_MESSAGE_BYTES } from "../limits/index.js";
import { ENVELOPE_ATTRIBUTE } from "../queue/envelope.js";
import { toMessageSafeJson } from "../queue/message-text.js";
import { type DeadLetterFailure, FAILURE_ATTRIBUTE } from "./dead-letter-failure.js";
import type { JobRecord } from "./job-record.js";

/** Room that is always left for the error, by leaving out attributes of the sender where there is no other way. */
const ERROR_MIN_BYTES = 2_048;

/**
 * The job as a message for the dead-letter queue: the same body and envelope, the sender's attributes as far as they
 * fit, and an attribute with the error. In a FIFO queue it keeps its group, and its job id is the deduplication id.
 *
 * @param record - the job
 * @param failure - what becomes of the attribute; a long stack is cut where the message would grow too large
 * @param queueUrl - of the dead-letter queue
 * @param fifo - whether it is a FIFO queue
 */
export function toDeadLetter(
  record: JobRecord,
  failure: DeadLetterFailure,
  queueUrl: string,
  fifo: boolean,
): SendMessageInput {
  const { message } = record;
  const attributes: Record<string, MessageAttributeValue> = {};
  let freeBytes = SQS_MAX_MESSAGE_BYTES - Buffer.byteLength(message.body);

  const sent = Object.entries(message.messageAttributes ?? {}).filter(([name]) => name !== FAILURE_ATTRIBUTE);
  sent.sort(([a], [b]) => Number(b === ENVELOPE_ATTRIBUTE) - Number(a === ENVELOPE_ATTRIBUTE));
  const own = sent.findIndex(([name]) => name !== ENVELOPE_ATTRIBUTE);
  for (const [index, [name, attribute]] of sent.entries()) {
    const value = toAttributeValue(attribute);
    const bytes = attributeBytes(name, value);
    const isOurs = own === -1 || index < own;
    const fits = index < SQS_MAX_MESSAGE_ATTRIBUTES - 1 && freeBytes - bytes >= ERROR_MIN_BYTES;
    if (!isOurs && !fits) continue;
    attributes[name] = value;
    freeBytes -= bytes;
  }
  const text = failureWithin(failure, freeBytes - FAILURE_ATTRIBUTE.length - "String".length);
  if (text) attributes[FAILURE_ATTRIBUTE] = { DataType: "String", StringValue: text };

  const { AWSTraceHeader } = message.attributes;
  return {
    QueueUrl: queueUrl,
    MessageBody: message.body,
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
    ...(AWSTraceHeader && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: AWSTraceHeader } },
    }),
    ...(record.groupId !== null && { MessageGroupId: record.groupId }),
    ...(fifo && { MessageDeduplicationId: record.jobId }),
  };
}

/** @returns the failure as JSON of at most that many bytes, its stack and message cut if need be; null when none fits */
function failureWithin(failure: DeadLetterFailure, maxBytes: number): string | null {
  const { error } = failure;
  const fewer = [
    error,
    { ...error, cause: undefined, details: undefined },
    { ...error, cause: undefined, details: undefined, stack: firstLines(error.stack) },
    { name: error.name, message: error.message.slice(0, 500), stack: null },
    { name: error.name.slice(0, 100), message: "", stack: null },
  ];
  for (const shorter of fewer) {
    const text = toMessageSafeJson(JSON.stringify({ ...failure, error: shorter }));
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  return null;
}

function firstLines(stack: string | null): string | null {
  return stack?.split("\n").slice(0, 8).join("\n").slice(0, 1_000) ?? null;
}

/** From the shape of an event to the shape of a call. */
function toAttributeValue({
  dataType,
  stringValue,
  binaryValue,
}: SQSMessageAttribute): MessageAttributeValue {
  return binaryValue === undefined || binaryValue === null
    ? { DataType: dataType, StringValue: stringValue ?? "" }
    : { DataType: dataType, BinaryValue: Buffer.from(binaryValue, "base64") };
}

/** What an attribute counts for: name, type and value. Developer Guide, "Amazon SQS message metadata". */
function attributeBytes(name: string, { DataType, StringValue, BinaryValue }: MessageAttributeValue): number {
  return (
    Buffer.byteLength(name) +
    DataType.length +
    (BinaryValue?.byteLength ?? Buffer.byteLength(StringValue ?? ""))
  );
}
