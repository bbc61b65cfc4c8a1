import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { QueueHandler } from "../job/job-metadata.js";
import type { PushOptions } from "./push-options.js";
import type { FifoQueue, GroupedQueue, JobStatus, Queue, QueueNamed } from "./queue-types.js";
import { bindQueues } from "./queues.js";

type Email = { to: string };
const queues = bindQueues({ queue: "emails", fifo: false });

/** Calls that must not compile; never run. */
function refused(emails: Queue<Email>, orders: FifoQueue<Email>): void {
  // @ts-expect-error a payload is missing
  void emails.push();
  // @ts-expect-error a payload of another type
  void emails.push({ to: 5 });
  // @ts-expect-error standard queues do not deduplicate
  emails.dedupe("x");
  // @ts-expect-error standard queues do not deduplicate
  void emails.push({ to: "a" }, { dedupe: "x" });
  // @ts-expect-error a delay is a duration
  emails.delay("5 minutes");
  // @ts-expect-error a FIFO push needs a group
  void orders.push({ to: "a" });
  // @ts-expect-error the same for a list
  void orders.pushAll([{ to: "a" }]);
  // @ts-expect-error and for the reference itself
  void orders({ to: "a" });
  // @ts-expect-error FIFO queues have no tenants, but groups: which are texts or numbers
  orders.group(null);
  // @ts-expect-error a tag is a text
  emails.tag(42);
  // @ts-expect-error a list of another type
  void emails.pushAll([{ to: 5 }]);
  // @ts-expect-error a job that may not have the status asked about
  void emails.status("id").then((status) => status.jobId);
}

describe("types of queues", () => {
  test("refuse what would be refused at run time", () => {
    expectTypeOf(refused).toBeFunction();
  });

  test("of references by name follow the name, where nothing else is known", () => {
    expectTypeOf<QueueNamed<"emails">>().toEqualTypeOf<Queue<unknown, unknown>>();
    expectTypeOf<QueueNamed<"orders.fifo">>().toEqualTypeOf<FifoQueue<unknown, unknown>>();
    expectTypeOf(queues.get<Email>("anything")).toEqualTypeOf<GroupedQueue<Email, unknown>>();
  });

  test("of a file's own queue are those it says, or its schema's input", () => {
    expectTypeOf(queues.self<Email, number>()).toEqualTypeOf<Queue<Email, number>>();
    expectTypeOf(queues.self.fifo<Email>()).toEqualTypeOf<FifoQueue<Email, unknown>>();
    const schema = z.object({ id: z.string().transform(Number) });
    expectTypeOf(queues.self({ schema })).toExtend<Queue<{ id: string }, unknown>>();
    expectTypeOf(queues.self.fifo({ schema })).toExtend<FifoQueue<{ id: string }, unknown>>();
    const pushes = (): unknown => [
      queues.self({ schema }).push({ id: "5" }),
      // @ts-expect-error pushes take the schema's input
      queues.self({ schema }).push({ id: 5 }),
      // @ts-expect-error so do those to FIFO queues
      queues.self.fifo({ schema }).push({ id: 5 }, { group: 1 }),
    ];
    expectTypeOf(pushes).toBeFunction();
  });

  test("of a schema's handlers are its output", () => {
    const schema = z.object({ id: z.string().transform(Number) });
    queues.self({ schema }).handler((payload) => expectTypeOf(payload).toEqualTypeOf<{ id: number }>());
    queues.self
      .fifo({ schema })
      .group("all")
      .handler((payload) => expectTypeOf(payload).toEqualTypeOf<{ id: number }>());
  });

  test("of results are what the reference says", () => {
    type Result<Q extends { result: (jobId: string) => unknown }> = Awaited<ReturnType<Q["result"]>>;
    expectTypeOf<Result<Queue<Email, number>>>().toEqualTypeOf<number>();
    expectTypeOf<Result<FifoQueue<Email, { sent: boolean }>>>().toEqualTypeOf<{ sent: boolean }>();
    expectTypeOf<Result<ReturnType<FifoQueue<Email, string>["group"]>>>().toEqualTypeOf<string>();
    type Status = Awaited<ReturnType<Queue<Email, number>["status"]>>;
    expectTypeOf<Status>().toEqualTypeOf<JobStatus<number> | null>();
    expectTypeOf<NonNullable<Status>["result"]>().toEqualTypeOf<number | null>();
  });

  test("of named jobs are unchecked, where the file is not known", () => {
    expectTypeOf<Queue<Email>["push"]>().toBeCallableWith({ user: 5 }, { job: "welcome" });
    expectTypeOf<Queue<Email>["job"]>().toBeCallableWith("welcome");
    const pushes = (emails: Queue<Email>): unknown => [
      emails.job("welcome").push({ user: 5 }),
      emails.job("welcome").delay("5m").push(),
    ];
    expectTypeOf(pushes).toBeFunction();
  });

  test("let a push leave out a payload that may be null", () => {
    expectTypeOf<Queue<unknown>["push"]>().toBeCallableWith();
    expectTypeOf<Queue<Email | null>["push"]>().toBeCallableWith();
    expectTypeOf<Queue<void>["push"]>().toBeCallableWith();
    expectTypeOf<Queue<Email>["push"]>().toBeCallableWith({ to: "a" }, { delay: "5m", job: "welcome" });
    expectTypeOf<Queue<Email>["push"]>().toBeCallableWith({ to: "a" }, {} as Omit<PushOptions, "dedupe">);
  });

  test("give a FIFO queue with a group everything", () => {
    expectTypeOf<FifoQueue<Email>["push"]>().toBeCallableWith({ to: "a" }, { group: 7 });
    expectTypeOf<ReturnType<FifoQueue<Email>["group"]>>().toEqualTypeOf<GroupedQueue<Email, unknown>>();
    expectTypeOf<ReturnType<FifoQueue<Email>["dedupe"]>>().toEqualTypeOf<FifoQueue<Email, unknown>>();
    expectTypeOf<GroupedQueue<Email>>().toExtend<FifoQueue<Email>>();
    expectTypeOf<GroupedQueue<Email>>().toExtend<Queue<Email>>();
  });

  test("infer a handler's parameters", () => {
    queues.self<Email, number>().handler(async (payload, metadata) => {
      expectTypeOf(payload).toEqualTypeOf<Email>();
      expectTypeOf(metadata.attempt).toEqualTypeOf<number>();
      return 1;
    });
    expectTypeOf<QueueHandler<Email, number>>().toExtend<Parameters<Queue<Email, number>["handler"]>[0]>();
  });
});
