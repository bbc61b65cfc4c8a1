import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { HttpAnswer, RestTarget } from "../aws/http-transport.js";
import {
  configureInstance,
  type DelaysLink,
  type InstanceConfig,
  instanceConfig,
} from "../config/instance.js";
import { delayedMessageName } from "../names/delayed-messages.js";
import { decodeEnvelope } from "./envelope.js";
import { deleteDelayed } from "./on-first-delay.js";
import { decodePayload } from "./payload.js";
import { bindQueues } from "./queues.js";
import { configureQueues, type RecordingSqs, startRecordingSqs } from "./testing/recording-sqs.js";

type Call = { target: RestTarget; body: string };

const queues = bindQueues({ queue: null, fifo: false });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let sqs: RecordingSqs;
let calls: Call[];
let answer: (call: Call) => Partial<HttpAnswer>;
let delays: DelaysLink;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2027, 2, 27, 23, 59, 0, 250) });
  sqs = await startRecordingSqs();
  calls = [];
  answer = () => ({});
  delays = {
    scheduleGroup: "shop-prod-delayed",
    roleArn: "arn:aws-cn:iam::123456789012:role/shop-prod-delayed",
    deadLetterArn: "arn:aws-cn:sqs:cn-north-1:123456789012:shop-prod-_undeliverable",
    transport: {
      async post(_headers, body, target) {
        if (!target) throw new Error("The Scheduler speaks REST");
        const call = { target, body };
        calls.push(call);
        return { status: 200, headers: {}, body: "{}", ...answer(call) };
      },
      close() {},
    },
  };
  configure({ delays });
});

afterEach(async () => {
  configureInstance(null);
  vi.useRealTimers();
  await sqs.stop();
});

function configure(overrides: Partial<InstanceConfig>): void {
  const links = { emails: { maxPayloadBytes: null }, "orders.fifo": {}, small: { maxPayloadBytes: 10 } };
  configureQueues(sqs.endpoint, links, overrides);
}

function scheduled(index = 0) {
  const schedule = JSON.parse(calls[index]?.body ?? "null");
  const input = JSON.parse(schedule.Target.Input);
  const envelope = decodeEnvelope(input.MessageAttributes["queue-run"].StringValue);
  if (!envelope) throw new Error("There is no envelope");
  return { schedule, input, envelope, payload: decodePayload(input.MessageBody, envelope.payloadKind) };
}

describe("a push that is due in more than 15 minutes", () => {
  test("is a schedule that sends the message, once, never early, and is gone then", async () => {
    const jobId = await queues("emails").delay("20m").push({ to: "ann@example.com" });
    expect(jobId).toMatch(UUID);
    const name = delayedMessageName("emails", jobId);
    expect(calls).toMatchObject([{ target: { method: "POST", path: `/schedules/${name}` } }]);
    const { schedule, input, envelope, payload } = scheduled();
    expect(schedule).toEqual({
      GroupName: "shop-prod-delayed",
      ClientToken: jobId,
      // A quarter of a second past, rounded up; in UTC, on the night in which clocks are put forward in Europe.
      ScheduleExpression: "at(2027-03-28T00:19:01)",
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: {
        Arn: "arn:aws-cn:scheduler:::aws-sdk:sqs:sendMessage",
        RoleArn: delays.roleArn,
        Input: expect.any(String),
        DeadLetterConfig: { Arn: delays.deadLetterArn },
      },
    });
    expect(input).toMatchObject({ QueueUrl: `${sqs.endpoint}/000000000000/emails` });
    expect(input).not.toHaveProperty("DelaySeconds");
    expect(envelope).toMatchObject({ jobId, dueAt: Date.now() + 1_200_000 });
    expect(payload).toEqual({ to: "ann@example.com" });
    expect(sqs.calls).toEqual([]);
  });

  test("15 minutes are still SQS's", async () => {
    await queues("emails").delay("15m").push(1);
    expect(calls).toEqual([]);
    expect(sqs.messages()).toMatchObject([{ DelaySeconds: 900 }]);
  });

  test.each([
    ["a text", "née 🚀 <aws.scheduler.execution-id>"],
    ["a text that looks like JSON", '{"a":1}'],
    ["JSON", { text: "<aws.scheduler.scheduled-time>", list: [1, null, "ü"] }],
    ["bytes", Buffer.from([0, 255, 60, 97])],
    ["no bytes", Buffer.alloc(0)],
    ["null", null],
    ["a text with characters that SQS refuses", "a\u0000b"],
  ])("carries %s as it is, with nothing in it that the Scheduler would replace", async (_, sent) => {
    await queues("emails").delay("1d").push(sent);
    const { schedule, payload } = scheduled();
    expect(payload).toEqual(sent);
    expect(schedule.Target.Input).not.toContain("<");
  });

  test("up to 180 KB, and no more, also as bytes", async () => {
    await queues("emails")
      .delay("1d")
      .push("é".repeat(90 * 1_024));
    await queues("emails")
      .delay("1d")
      .push(Buffer.alloc(180 * 1_024));
    for (const payload of [`é${"é".repeat(90 * 1_024)}`, Buffer.alloc(180 * 1_024 + 1)])
      await expect(queues("emails").delay("1d").push(payload)).rejects.toMatchObject({
        code: "QR_PAYLOAD_TOO_LARGE",
        details: { limit: 180 * 1_024 },
      });
    expect(calls).toHaveLength(2);
    for (const { body } of calls) expect(JSON.parse(body).Target.Input.length).toBeLessThanOrEqual(262_144);
  });

  test("what the queue itself allows is counted before base64", async () => {
    await queues("small").delay("1d").push("x".repeat(10));
    await expect(queues("small").delay("1d").push("x".repeat(11))).rejects.toMatchObject({
      code: "QR_PAYLOAD_TOO_LARGE",
      details: { bytes: 11, limit: 10 },
    });
  });

  test("each of a list has its own id", async () => {
    const ids = await queues("emails").pushAll([1, 2, 3], { delay: "1h" });
    expect(new Set(ids).size).toBe(3);
    expect(calls.map((_, index) => scheduled(index).payload)).toEqual([1, 2, 3]);
  });
});

describe("a push to a FIFO queue with a delay", () => {
  test("carries its group and its deduplication, which begin when it falls due", async () => {
    const orders = queues("orders.fifo").group("ann").delay(1);
    await orders.push("x");
    await orders.push("x");
    await orders.dedupe("one").push("x");
    const [first, second, third] = [0, 1, 2].map((index) => scheduled(index).input);
    expect(first).toMatchObject({ MessageGroupId: "ann" });
    expect(first.MessageDeduplicationId).toBe(second.MessageDeduplicationId);
    expect(third).toMatchObject({ MessageDeduplicationId: "one" });
    await queues("orders.fifo").group("ann").push("x");
    expect(sqs.messages()[0]?.MessageDeduplicationId).toBe(first.MessageDeduplicationId);
  });

  test("gives the Scheduler a time that is not past when the request arrives; the envelope says what was meant", async () => {
    await queues("orders.fifo").group("ann").delay("500ms").push("x");
    const { schedule, envelope } = scheduled();
    expect(schedule.ScheduleExpression).toBe("at(2027-03-27T23:59:06)");
    expect(envelope.dueAt).toBe(Date.now() + 500);
  });

  test("is refused where the Scheduler would replace part of the group", async () => {
    const push = queues("orders.fifo").group("<aws.scheduler.attempt-number>").delay(1).push("x");
    await expect(push).rejects.toMatchObject({ code: "QR_INVALID_GROUP" });
    expect(calls).toEqual([]);
  });
});

describe("when the Scheduler refuses", () => {
  test.each([
    ["AccessDeniedException", 403, "scheduler:CreateSchedule"],
    ["ServiceQuotaExceededException", 402, "quota"],
    ["ResourceNotFoundException", 404, "deploy again"],
    ["ValidationException", 400, "The cause has the answer"],
  ])("%s says what to do", async (name, status, fix) => {
    answer = () => ({ status, headers: { "x-amzn-errortype": name }, body: '{"Message":"No."}' });
    const push = queues("emails").delay("1d").push(1);
    await expect(push).rejects.toMatchObject({
      code: "QR_SCHEDULE_FAILED",
      message: `A push to "emails" could not be delayed: ${name}: No.`,
      fix: expect.stringContaining(fix),
      cause: { name },
    });
  });

  test("one that is there already is this very push, whose answer was lost", async () => {
    answer = () => ({ status: 409, headers: { "x-amzn-errortype": "ConflictException" }, body: "{}" });
    expect(await queues("emails").delay("1d").push(1)).toMatch(UUID);
  });

  test("a call that broke off is repeated with the same name and token", async () => {
    let isFirst = true;
    answer = () => {
      const status = isFirst ? 503 : 200;
      isFirst = false;
      return { status };
    };
    await queues("emails").delay("1d").push(1);
    expect(calls).toHaveLength(2);
    expect(calls[1]).toEqual(calls[0]);
  });

  test("where nothing was deployed that could send it, the error says so", async () => {
    configure({});
    const push = queues("emails").delay("1d").push(1);
    await expect(push).rejects.toMatchObject({ code: "QR_DELAYS_NOT_DEPLOYED" });
  });
});

test("takes back what waits, and says when nothing does", async () => {
  const jobId = await queues("emails").delay("1d").push(1);
  const config = instanceConfig();
  const link = config?.queues.emails;
  if (!config || !link) throw new Error("There is no project");
  expect(await deleteDelayed(config, link, jobId)).toBe(true);
  expect(calls[1]?.target).toEqual({
    method: "DELETE",
    path: calls[0]?.target.path,
    query: { groupName: "shop-prod-delayed" },
  });
  answer = () => ({ status: 404, headers: { "x-amzn-errortype": "ResourceNotFoundException" }, body: "{}" });
  expect(await deleteDelayed(config, link, jobId)).toBe(false);
});
