import { QueueRunError } from "./queue-run-error.js";

/** No queue of that name in the project. */
export function queueNotFound(name: string, nearest: string | null): QueueRunError {
  return new QueueRunError({
    code: "QR_QUEUE_NOT_FOUND",
    message: `There is no queue ${quote(name)} in this project`,
    fix: nearest
      ? `Did you mean ${quote(nearest)}? Otherwise add the file queues/${name}.ts`
      : `Add the file queues/${name}.ts, or push to a queue that has one`,
    details: { queueName: name, nearest },
  });
}

/** `queues.self()` in a file that is no queue, or that was not built by queue-run. */
export function notAQueueFile(): QueueRunError {
  return new QueueRunError({
    code: "QR_NOT_A_QUEUE",
    message: "queues.self() was called outside of a file in queues/, so there is no queue that it could mean",
    fix: 'Call queues.self() in a file under queues/, or name the queue: queues("emails")',
  });
}

/** The queue's file has no such job. */
export function jobNotFound(queueName: string, job: string, nearest: string | null): QueueRunError {
  return new QueueRunError({
    code: "QR_JOB_NOT_FOUND",
    message: `The queue ${quote(queueName)} has no job ${quote(job)}`,
    fix: `${nearest ? `Did you mean ${quote(nearest)}? Otherwise e` : "E"}xport a function of that name from queues/${queueName}.ts`,
    details: { queueName, job, nearest },
  });
}

/** A push to a FIFO queue without a group. */
export function groupRequired(queueName: string): QueueRunError {
  return new QueueRunError({
    code: "QR_GROUP_REQUIRED",
    message: `The queue ${quote(queueName)} is FIFO, and a push to it needs a group`,
    fix: 'Say which jobs run one after another: queue.group(user.id).push(payload), or group "all" for one at a time',
  });
}

/** `dedupe` on a standard queue. */
export function dedupeNeedsFifo(queueName: string): QueueRunError {
  return new QueueRunError({
    code: "QR_DEDUPE_NOT_FIFO",
    message: `The queue ${quote(queueName)} is a standard queue, and only FIFO queues deduplicate`,
    fix: `Rename queues/${queueName}.ts to queues/${queueName}.fifo.ts, or leave dedupe out`,
  });
}

/** A message group id that SQS refuses. */
export function invalidGroup(queueName: string, group: unknown, reason: string): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_GROUP",
    message: `The group of a push to ${quote(queueName)} ${reason}: ${show(group)}`,
    fix: "A group is 1 to 128 letters, digits and punctuation characters, without spaces; encode or hash anything else",
  });
}

/** A group or deduplication id that would not arrive as it is. */
export function groupReplaced(queueName: string, id: string, placeholder: string): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_GROUP",
    message: `A push to ${quote(queueName)} with a long delay has ${show(id)} as its group or deduplication id, in which EventBridge Scheduler would replace what begins with ${placeholder}`,
    fix: "Encode or hash it",
  });
}

/** A deduplication id that SQS refuses. */
export function invalidDedupe(queueName: string, dedupe: unknown, reason: string): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_DEDUPE",
    message: `The deduplication id of a push to ${quote(queueName)} ${reason}: ${show(dedupe)}`,
    fix: "A deduplication id is 1 to 128 letters, digits and punctuation characters, without spaces; false turns deduplication off",
  });
}

/** A tag that is not text of 1 to 200 characters. */
export function invalidTag(queueName: string, tag: unknown, maxLength: number): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_TAG",
    message: `The tag of a push to ${quote(queueName)} is not a text of 1 to ${maxLength} characters: ${show(tag)}`,
    fix: `Shorten the tag to ${maxLength} characters, or hash it`,
  });
}

/** A delay that is not a length of time. */
export function invalidDelay(queueName: string, delay: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_DELAY",
    message: `The delay of a push to ${quote(queueName)} is not a length of time: ${show(delay)}`,
    fix: 'Give a number of seconds that is not negative, or a number with its unit: "500ms", "5s", "5m", "1h", "2d"',
  });
}

/** An `at` that is not a date. */
export function invalidDate(queueName: string, at: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_DATE",
    message: `The time (at) of a push to ${quote(queueName)} is not a date: ${show(at)}`,
    fix: 'Give a Date, or a text in ISO 8601: "2027-01-01T09:00:00Z"',
  });
}

/** `delay` and `at` in one call. */
export function delayAndDate(queueName: string): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_DELAY",
    message: `A push to ${quote(queueName)} says both delay and at`,
    fix: "Give one of them: delay counts from now, at is a point in time",
  });
}

/** Further away than a year. */
export function delayTooLong(queueName: string, seconds: number, maxSeconds: number): QueueRunError {
  return new QueueRunError({
    code: "QR_DELAY_TOO_LONG",
    message: `A push to ${quote(queueName)} is due in ${Math.ceil(seconds / 86_400)} days; the longest delay is ${maxSeconds / 86_400} days`,
    fix: "Push it later, from a job that runs before it is due",
    details: { delaySeconds: seconds, maxDelaySeconds: maxSeconds },
  });
}

/** A setting of one push that is out of its range. */
export function invalidPushOption(
  queueName: string,
  option: string,
  value: unknown,
  expected: string,
): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_PUSH_OPTION",
    message: `The option ${option} of a push to ${quote(queueName)} is ${show(value)}`,
    fix: `Give ${expected}`,
  });
}

/** A payload that its queue's schema refuses. */
export function payloadFailsSchema(
  queueName: string,
  issues: readonly unknown[],
  summary: string,
): QueueRunError {
  return new QueueRunError({
    code: "QR_PAYLOAD_SCHEMA",
    message: `The payload of a push to ${quote(queueName)} fails the queue's schema: ${summary}`,
    fix: `Send what the schema in queues/${queueName}.ts describes`,
    details: { issues },
  });
}

/** A message that is larger than SQS, or the queue's `limits.payload`, allows. */
export function payloadTooLarge(
  queueName: string,
  bytes: number,
  limit: number,
  limitName: string,
): QueueRunError {
  return new QueueRunError({
    code: "QR_PAYLOAD_TOO_LARGE",
    message: `A push to ${quote(queueName)} is ${bytes} bytes; ${limitName} is ${limit} bytes`,
    fix: "Keep the data elsewhere (S3, say) and push its key",
    details: { bytes, limit },
  });
}

/** SQS did not take the message. */
export function sendFailed(queueName: string, cause: unknown): QueueRunError {
  const { name = "Error", message = String(cause) } = cause as Partial<Error>;
  const denied = /AccessDenied|AccessDeniedException/.test(name);
  return new QueueRunError({
    code: "QR_SEND_FAILED",
    message: `The push to ${quote(queueName)} was not sent: ${name}: ${message}`,
    fix: denied
      ? "The function's role lacks sqs:SendMessage on this queue: deploy again, or add it to `permissions`"
      : "The cause has the answer of AWS; push again when it is mended",
    cause,
  });
}

/** Some messages of one pushAll were sent, others not. `details.jobIds` has null where one was not. */
export function someSendsFailed(
  queueName: string,
  failures: unknown[],
  jobIds: (string | null)[],
): QueueRunError {
  const [first] = failures;
  const { message = String(first) } = first as Partial<Error>;
  return new QueueRunError({
    code: first instanceof QueueRunError ? first.code : "QR_SEND_FAILED",
    message: `${failures.length} of ${jobIds.length} pushes to ${quote(queueName)} failed: ${message}`,
    fix: "details.jobIds has null for each payload that was not sent: push those again when the cause is mended",
    cause: first instanceof QueueRunError ? (first.cause ?? first) : first,
    details: { jobIds },
  });
}

/** As many jobs of the group wait as may: `limits.pending`. */
export function pendingLimitReached(
  queueName: string,
  groupId: string | null,
  limit: number,
  pushes: number,
): QueueRunError {
  const group = groupId === null ? "" : ` of the group ${quote(groupId)}`;
  return new QueueRunError({
    code: "QR_PENDING_LIMIT",
    message: `The queue ${quote(queueName)} has no room for ${pushes === 1 ? "another job" : `${pushes} more jobs`}${group}: limits.pending is ${limit}`,
    fix: `Push again when some of them have started, or raise limits.pending in the config of queues/${queueName}.ts`,
    details: { limit, group: groupId },
  });
}

/** A chain of jobs that push jobs has become too long. */
export function tooManyHops(queueName: string, limit: number): QueueRunError {
  return new QueueRunError({
    code: "QR_TOO_MANY_HOPS",
    message: `A push to ${quote(queueName)} would be job ${limit + 1} of a chain of jobs that push jobs; the limit is ${limit}`,
    fix: `Stop the chain, or raise limits.hops in the config of queues/${queueName}.ts`,
    details: { limit },
  });
}

function quote(name: string): string {
  return JSON.stringify(name);
}

/** Values in messages are short: they may come from users. */
function show(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
