import { beforeEach, describe, expect, test } from "vitest";
import { currentScope } from "../context/invocation-scope.js";
import { invalidGroup, payloadFailsSchema, payloadTooLarge, sendFailed } from "../errors/push-errors.js";
import { onLifecycle } from "../log/lifecycle-events.js";
import { queues } from "../queue/queues.js";
import { referenceState } from "../queue/reference-state.js";
import { createQueueHttp, type PushFunction } from "./queue-http.js";
import { ask, type TestModules, type TestRequest } from "./testing/requests.js";

type Pushed = { queue: string | null; payload: unknown; options: object; user: string | null };

const errors: unknown[] = [];
beforeEach(() => {
  errors.length = 0;
  return onLifecycle("error", ({ error }) => errors.push(error));
});

/** Posts to a route that feeds a queue; pushes are kept, or fail with `failure`. */
async function feed(
  reference: unknown,
  path: string,
  request: TestRequest,
  { failure, extra = {} }: { failure?: Error; extra?: TestModules[string] } = {},
) {
  const pushed: Pushed[] = [];
  const push: PushFunction = async (queue, payload, options) => {
    if (failure) throw failure;
    pushed.push({ queue: queue.queueName, payload, options, user: currentScope()?.user?.id ?? null });
    return "job-1";
  };
  const post = createQueueHttp(reference, push);
  const answer = await ask({ [path]: { post, ...extra } }, { method: "POST", path, ...request });
  return { answer, pushed };
}

const emails = queues.get("emails");
const orders = queues.get("orders.fifo");
const json = (value: unknown): TestRequest => ({
  headers: { "content-type": "application/json" },
  body: typeof value === "string" ? value : JSON.stringify(value),
});

describe("a body that is accepted", () => {
  test.each([
    ["JSON", "application/json", '{"a":[1]}', { a: [1] }],
    ["JSON that is null", "application/json", "null", null],
    ["a form", "application/x-www-form-urlencoded", "a=1&b=x+y&a=2", { a: ["1", "2"], b: "x y" }],
    [
      "a multipart form",
      "multipart/form-data; boundary=b",
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n',
      { a: "1" },
    ],
    ["plain text", "text/plain; charset=utf-8", "hello", "hello"],
  ])("%s is pushed as it is", async (_name, type, body, payload) => {
    const { answer, pushed } = await feed(emails, "/emails", { headers: { "content-type": type }, body });
    expect(answer).toMatchObject({ status: 202, text: "", headers: { "x-job-id": "job-1" } });
    expect(answer.headers["access-control-expose-headers"]).toContain("X-Job-Id");
    expect(pushed).toHaveLength(1);
    expect(pushed[0]?.queue).toBe("emails");
    expect(JSON.stringify(pushed[0]?.payload)).toBe(JSON.stringify(payload));
  });

  test("carries the path's parameters and the user along", async () => {
    const { pushed } = await feed(
      emails,
      "/users/[id]/[...rest]",
      { ...json(1), path: "/users/a%2Fb/c/d" },
      { extra: { authenticate: () => ({ id: "u1" }) } },
    );
    expect(pushed).toMatchObject([{ options: { params: { id: "a/b", rest: ["c", "d"] } }, user: "u1" }]);
  });

  test("keeps the options of a derived reference", async () => {
    const delayed = emails.delay("5m");
    expect(referenceState(delayed)?.options).toEqual({ delay: "5m" });
    expect((await feed(delayed, "/emails", json(1))).answer.status).toBe(202);
  });
});

describe("a body that is not", () => {
  test.each([
    ["no type", { body: "x" }, 415],
    ["another type", { headers: { "content-type": "image/png" }, body: "x" }, 415],
    ["nothing", {}, 422],
    ["nothing, with a type", { headers: { "content-type": "application/json" }, body: "" }, 422],
    ["malformed JSON", json("{"), 422],
    [
      "a malformed form",
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "a=%" },
      422,
    ],
    ["too much", json("1".repeat(1024 ** 2 + 1)), 413],
    [
      "a file",
      {
        headers: { "content-type": "multipart/form-data; boundary=b" },
        body: '--b\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\n1\r\n--b--\r\n',
      },
      422,
    ],
  ])("%s is %o: %i", async (_name, request, status) => {
    const { answer, pushed } = await feed(emails, "/emails", request as TestRequest);
    expect(answer.status).toBe(status);
    expect(pushed).toEqual([]);
    expect(errors).toEqual([]);
    if (status === 422)
      expect(answer.json()).toMatchObject({ issues: [{ in: "body", message: expect.any(String) }] });
  });
});

describe("what a push is refused for", () => {
  test.each([
    ["a schema", payloadFailsSchema("emails", [{ path: ["a", { key: 0 }], message: "Required" }], ""), 422],
    ["its size", payloadTooLarge("emails", 9, 8, "the limit"), 413],
    ["a failed send", sendFailed("emails", new Error("refused")), 500],
    ["a group of the reference's own", invalidGroup("emails", "a b", "has a space"), 500],
  ])("%s: %i", async (_name, failure, status) => {
    const { answer } = await feed(emails, "/emails", json(1), { failure });
    expect(answer.status).toBe(status);
    if (status === 422)
      expect(answer.json()).toMatchObject({ issues: [{ in: "body", path: ["a", 0], message: "Required" }] });
    expect(errors).toEqual(status === 500 ? [failure] : []);
  });
});

describe("a FIFO queue", () => {
  test("takes group and deduplication id from the path", async () => {
    const { answer, pushed } = await feed(orders, "/orders/[group]/[dedupe]", {
      ...json(1),
      path: "/orders/u1/o%201",
    });
    expect(answer.status).toBe(202);
    expect(pushed).toMatchObject([
      { options: { group: "u1", dedupe: "o 1", params: { group: "u1", dedupe: "o 1" } } },
    ]);
  });

  test("needs no group in the path when the reference has one", async () => {
    const { answer, pushed } = await feed(orders.group("all"), "/orders", json(1));
    expect(answer.status).toBe(202);
    expect(pushed[0]?.options).not.toHaveProperty("group");
  });

  test("without any group is an error of the route", async () => {
    expect((await feed(orders, "/orders", json(1))).answer.status).toBe(500);
    expect(errors).toEqual([expect.objectContaining({ code: "QR_GROUP_REQUIRED" })]);
  });

  test("a group of the path that SQS refuses is 422", async () => {
    const failure = invalidGroup("orders.fifo", "a b", "has a space");
    const { answer } = await feed(
      orders,
      "/orders/[group]",
      { ...json(1), path: "/orders/a%20b" },
      { failure },
    );
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({ issues: [{ in: "params", path: ["group"] }] });
  });

  test("on a standard queue, group in a path is a parameter like any other", async () => {
    const { pushed } = await feed(emails, "/emails/[group]", { ...json(1), path: "/emails/x" });
    expect(pushed[0]?.options).toEqual({ params: { group: "x" } });
  });
});

test("queue.http is such a handler", async () => {
  const answer = await ask(
    { "/emails": { post: emails.http } },
    { method: "POST", path: "/emails", body: "x" },
  );
  expect(answer.status).toBe(415);
});
