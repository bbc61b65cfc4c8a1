import { expect, test } from "vitest";
import { defaultQueueSettings } from "../config/queue-config.js";
import type { JobRecord } from "../job/job-record.js";
import { createFakeClock, letPromisesRun } from "../job/testing/fake-clock.js";
import { createFakeJobQueue } from "../job/testing/fake-job-queue.js";
import { sqsEvent } from "../job/testing/sqs-event.js";
import type { UserModule } from "./functions.js";
import { createQueueHandler } from "./queue.js";

function hosted(module: UserModule, load: () => Promise<UserModule> = async () => module) {
  const queue = createFakeJobQueue<JobRecord>();
  const clock = createFakeClock();
  const keeper = {
    async letGo(messageIds: string[]) {
      queue.calls.push(`let go ${messageIds.join(" ")}`);
      await letPromisesRun();
      queue.calls.push("let gone");
    },
  };
  const handler = createQueueHandler(
    { name: "test", fifo: false, settings: defaultQueueSettings(false), load },
    { queue, clock, random: () => 0.5 },
  );
  const context = {
    awsRequestId: "request-1",
    getRemainingTimeInMillis: () => 310_000,
    messageKeeper: keeper,
  };
  return {
    queue,
    clock,
    handle: (...ids: string[]) => handler(sqsEvent(...ids.map((id) => ({ id }))), context),
  };
}

test("where the host keeps messages, a long invocation shortens nothing, and deletes what is finished all the same", async () => {
  let end = () => {};
  const module = {
    default: (_: unknown, { jobId }: { jobId: string }) =>
      jobId === "quick" ? undefined : new Promise<void>((resolve) => (end = resolve)),
  };
  const { queue, clock, handle } = hosted(module);
  const answer = handle("quick", "slow");
  await letPromisesRun();
  await clock.advance(1_000);
  expect(queue.calls).toEqual(["delete quick"]);
  end();
  expect(await answer).toEqual({ batchItemFailures: [] });
});

test("a message that is to be retried is let go before its backoff is set", async () => {
  const { queue, handle } = hosted({ default: () => Promise.reject(new Error("no")) });
  expect((await handle("a")).batchItemFailures).toEqual([{ itemIdentifier: "a" }]);
  expect(queue.calls).toEqual(["let go a", "let gone", "visibility a=1"]);
});

test("so are those whose code cannot be loaded", async () => {
  const { queue, handle } = hosted({}, () => Promise.reject(new Error("broken")));
  await expect(handle("a")).rejects.toThrow("broken");
  expect(queue.calls).toEqual(["let go a", "let gone", "visibility a=5"]);
});
