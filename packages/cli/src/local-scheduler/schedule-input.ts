import { SCHEDULER_MAX_INPUT_BYTES } from "@queue-run/runtime/limits";
import { decodeEnvelope, ENVELOPE_ATTRIBUTE } from "@queue-run/runtime/wire";
import { invalid } from "./scheduler-error.js";

/** CreateSchedule's input, as it was sent; the name is in the URL. */
export type ScheduleBody = Record<string, unknown> & {
  GroupName: string;
  ClientToken: string | null;
  ScheduleExpression: string;
  Target: Record<string, unknown> & { Input: string };
};

/** What a schedule sends: SendMessage's own input. */
export type MessageInput = Record<string, unknown> & { QueueUrl: string };

const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;
const AT = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/;
const SEND_MESSAGE = /^arn:[\w-]+:scheduler:::aws-sdk:sqs:sendMessage$/;
/** By how much a time that is told in whole seconds may be later than the one that is meant. */
const ROUNDED_UP_MS = 10_000;

/**
 * Checks what there is of CreateSchedule here: one-time schedules in UTC that send a message.
 *
 * @throws SchedulerError ValidationException
 */
export function checkSchedule(name: string, body: unknown, defaultGroup: string): ScheduleBody {
  if (!NAME.test(name)) throw invalid(`The name ${name} does not match ${NAME.source}.`);
  if (!isObject(body)) throw invalid("The body is no JSON object.");
  const {
    GroupName = defaultGroup,
    ClientToken = null,
    ScheduleExpression,
    FlexibleTimeWindow,
    Target,
  } = body;
  if (typeof GroupName !== "string" || !(ClientToken === null || typeof ClientToken === "string"))
    throw invalid("GroupName and ClientToken are texts.");
  if (typeof ScheduleExpression !== "string" || timeOf(ScheduleExpression) === null)
    throw invalid(
      `Invalid Schedule Expression ${ScheduleExpression}. In development: at(yyyy-mm-ddThh:mm:ss).`,
    );
  if ((body.ScheduleExpressionTimezone ?? "UTC") !== "UTC")
    throw invalid("In development, ScheduleExpressionTimezone is UTC.");
  if (!isObject(FlexibleTimeWindow) || FlexibleTimeWindow.Mode !== "OFF")
    throw invalid("In development, FlexibleTimeWindow has the mode OFF.");
  if (!isObject(Target) || !SEND_MESSAGE.test(String(Target.Arn)))
    throw invalid("In development, the target is arn:aws:scheduler:::aws-sdk:sqs:sendMessage.");
  const { Input } = Target;
  if (typeof Input !== "string" || Buffer.byteLength(Input) > SCHEDULER_MAX_INPUT_BYTES)
    throw invalid(`The Input of a target is a text of at most ${SCHEDULER_MAX_INPUT_BYTES} bytes.`);
  messageOf({ Input });
  return { ...body, GroupName, ClientToken, ScheduleExpression, Target: { ...Target, Input } };
}

/** @throws SchedulerError ValidationException for what SendMessage could not be called with */
export function messageOf({ Input }: { Input: string }): MessageInput {
  let message: unknown;
  try {
    message = JSON.parse(Input);
  } catch {
    throw invalid("The Input of a target is JSON.");
  }
  if (!isObject(message) || typeof message.QueueUrl !== "string")
    throw invalid("The Input of sqs:sendMessage has a QueueUrl.");
  return { ...message, QueueUrl: message.QueueUrl };
}

/**
 * When it is to be sent. EventBridge Scheduler knows whole seconds; of a message of ours, the envelope says to the
 * millisecond when it is due, which development holds to.
 *
 * @returns milliseconds since 1970
 */
export function dueMs({ ScheduleExpression, Target }: ScheduleBody): number {
  const atMs = timeOf(ScheduleExpression) ?? 0;
  const attributes = messageOf(Target).MessageAttributes;
  const attribute = isObject(attributes) ? attributes[ENVELOPE_ATTRIBUTE] : null;
  const text =
    isObject(attribute) && typeof attribute.StringValue === "string" ? attribute.StringValue : null;
  const meantMs = decodeEnvelope(text)?.dueAt ?? atMs;
  return meantMs <= atMs && meantMs > atMs - ROUNDED_UP_MS ? meantMs : atMs;
}

function timeOf(expression: string): number | null {
  const time = AT.exec(expression)?.[1];
  const ms = Date.parse(`${time}Z`);
  // Date.parse takes the 30th of February for the 2nd of March.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== time ? null : ms;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
