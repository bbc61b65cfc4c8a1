import { randomUUID } from "node:crypto";
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Task } from "../fixtures/contract/lib/act.js";
import type { Entry } from "../harness/journal.js";
import { waitFor } from "../harness/wait-for.js";
import type { Place, RunningPlace } from "./place.js";

/** Long enough for a loaded machine; nothing waits for it that is right. */
const DEADLINE = { deadlineMs: 45_000 };

/** Declares the tests of how queues behave: the same ones for every place. Each test has jobs and groups of its own. */
export function describeQueueBehaviour(place: Place): void {
  const missing = place.missing();
  if (missing) console.info(`Skipped: queues on ${place.name}: ${missing}`);

  describe.skipIf(missing)(`queues on ${place.name}`, { timeout: 90_000, concurrent: true }, () => {
    let running: RunningPlace;
    beforeAll(async () => {
      running = await place.start();
    }, 90_000);
    afterAll(async () => {
      await running?.stop();
    }, 30_000);

    const behaviour = (name: string, test: () => Promise<void>) =>
      place.knownDefects?.includes(name) ? it.skip(name, test) : it(name, test);

    /** Names for this test's jobs, so that tests can run at the same time. */
    const named = () => {
      const test = randomUUID().slice(0, 8);
      const id = (name: string) => `${test}-${name}`;
      const of = (event: string, name?: string) =>
        running.journal
          .entries(event)
          .filter((entry) => (name ? entry.id === id(name) : String(entry.id).startsWith(`${test}-`)));
      const send = (
        queue: string,
        name: string,
        task: Omit<Task, "id"> = {},
        group?: string,
        dedupe: string = name,
      ) =>
        running.sqs.send(
          queue,
          JSON.stringify({ id: id(name), ...task }),
          group ? { MessageGroupId: id(group), MessageDeduplicationId: id(dedupe) } : {},
        );
      const finished = (...names: string[]) =>
        waitFor(
          `${names} to finish; journal ${JSON.stringify(of("started"))}`,
          () => names.every((name) => of("finished", name).length > 0),
          DEADLINE,
        );
      const deadLetter = (queue: string, name: string) => takeDeadLetter(running, queue, id(name));
      return { id, of, send, finished, deadLetter };
    };
    const attempts = (entries: Entry[]) => entries.map(({ attempt }) => attempt);
    const gaps = (entries: Entry[]) =>
      entries.slice(1).map(({ at }, index) => at - (entries[index]?.at ?? 0));

    behaviour("runs a job once when it returns", async () => {
      const job = named();
      const messageId = await job.send("standard", "a");
      await job.finished("a");
      expect(job.of("started", "a")).toMatchObject([{ jobId: messageId, attempt: 1, receivedCount: 1 }]);
    });

    behaviour("retries a job that throws, counting attempts and receives", async () => {
      const job = named();
      await job.send("standard", "a", { failures: 2 });
      await job.finished("a");
      expect(attempts(job.of("started", "a"))).toEqual([1, 2, 3]);
      expect(job.of("started", "a").map(({ receivedCount }) => receivedCount)).toEqual([1, 2, 3]);
    });

    behaviour("waits longer before each retry", async () => {
      const job = named();
      await job.send("backoff", "a", { failures: 2 });
      await job.finished("a");
      const [first = 0, second = 0] = gaps(job.of("started", "a"));
      expect(first).toBeGreaterThanOrEqual(790);
      expect(second).toBeGreaterThanOrEqual(1590);
    });

    behaviour("sends a job that is out of attempts to the dead-letter queue, with its error", async () => {
      const job = named();
      await job.send("standard", "a", { failures: 9 });
      const deadLetter = await job.deadLetter("standard", "a");
      expect(JSON.parse(deadLetter.Body ?? "")).toEqual({ id: job.id("a"), failures: 9 });
      expect(JSON.stringify(deadLetter.MessageAttributes)).toContain("attempt 3 of");
      expect(attempts(job.of("started", "a"))).toEqual([1, 2, 3]);
    });

    behaviour("gives a job no more attempts after fail()", async () => {
      const job = named();
      await job.send("standard", "a", { act: "fail" });
      const deadLetter = await job.deadLetter("standard", "a");
      expect(JSON.stringify(deadLetter.MessageAttributes)).toContain("as the task says");
      expect(attempts(job.of("started", "a"))).toEqual([1]);
    });

    behaviour("takes ack() for done, whatever follows", async () => {
      const job = named();
      await job.send("standard", "a", { act: "ack-then-throw" });
      await job.send("standard", "later", { failures: 2 });
      await job.finished("later");
      expect(attempts(job.of("started", "a"))).toEqual([1]);
    });

    behaviour("brings a job back after the delay of retry({ delay })", async () => {
      const job = named();
      await job.send("standard", "a", { act: "retry-in-a-second" });
      await job.finished("a");
      expect(attempts(job.of("started", "a"))).toEqual([1, 2]);
      expect(gaps(job.of("started", "a"))[0]).toBeGreaterThanOrEqual(990);
    });

    behaviour("fails the attempt of a job whose time is up", async () => {
      const job = named();
      await job.send("hanging", "a", { act: "hang-once" });
      await job.finished("a");
      expect(attempts(job.of("started", "a"))).toEqual([1, 2]);
      // A second's timeout, which begins just before the job says that it has started, and a second's backoff.
      expect(gaps(job.of("started", "a"))[0]).toBeGreaterThanOrEqual(1_950);
      await job.send("hanging", "b", { act: "hang" });
      await job.deadLetter("hanging", "b");
      expect(attempts(job.of("started", "b"))).toEqual([1, 2]);
    });

    behaviour("does not run a job again because its neighbour failed", async () => {
      const job = named();
      const names = ["a", "b", "c", "d", "e"];
      await running.sqs.client.send(
        new SendMessageBatchCommand({
          QueueUrl: running.sqs.urlOf("standard"),
          Entries: names.map((name) => ({
            Id: name,
            MessageBody: JSON.stringify({ id: job.id(name), failures: name === "c" ? 1 : 0 }),
          })),
        }),
      );
      await job.finished(...names);
      for (const name of names) expect(job.of("started", name)).toHaveLength(name === "c" ? 2 : 1);
    });

    behaviour("calls batch with many jobs, and brings back those that it did not ack", async () => {
      const job = named();
      const names = ["a", "b", "c", "d"];
      for (const name of names) await job.send("batches", name, { failures: name === "b" ? 1 : 0 });
      await job.finished(...names);
      for (const name of names) expect(job.of("started", name)).toHaveLength(name === "b" ? 2 : 1);
    });

    behaviour("starts a delayed job when its delay is over", async () => {
      const job = named();
      const sentAt = Date.now();
      await running.sqs.send("standard", JSON.stringify({ id: job.id("a") }), { DelaySeconds: 2 });
      await job.finished("a");
      expect(Number(job.of("started", "a")[0]?.at)).toBeGreaterThanOrEqual(sentAt + 1_950);
    });

    behaviour("runs a group's jobs one after another, in order, and other groups meanwhile", async () => {
      const job = named();
      await job.send("single.fifo", "slow", { milliseconds: 1_500 }, "g");
      for (const name of ["g2", "g3", "g4"]) await job.send("single.fifo", name, {}, "g");
      await job.send("single.fifo", "other", {}, "h");
      await job.finished("slow", "g2", "g3", "g4", "other");
      const ofGroup = job.of("started").filter(({ groupId }) => groupId === job.id("g"));
      expect(ofGroup.map(({ id }) => id)).toEqual(["slow", "g2", "g3", "g4"].map(job.id));
      const doneAt = job.of("finished", "slow")[0]?.at ?? 0;
      expect(job.of("started", "g2")[0]?.at).toBeGreaterThanOrEqual(doneAt);
      expect(job.of("started", "other")[0]?.at).toBeLessThan(doneAt);
    });

    for (const queue of ["single.fifo", "several.fifo"]) {
      behaviour(
        `holds a group back while one of its jobs is retried, and no other group (${queue})`,
        async () => {
          const job = named();
          await job.send(queue, "g1", {}, "g");
          await job.send(queue, "g2", { failures: 2 }, "g");
          await job.send(queue, "g3", {}, "g");
          await job.send(queue, "h1", {}, "h");
          await job.finished("g1", "g2", "g3", "h1");
          const ofGroup = job.of("started").filter(({ groupId }) => groupId === job.id("g"));
          expect(ofGroup.map(({ id }) => id)).toEqual(["g1", "g2", "g2", "g2", "g3"].map(job.id));
          expect(job.of("started", "h1")).toHaveLength(1);
          expect(attempts(job.of("started", "g2"))).toEqual([1, 2, 3]);
        },
      );

      behaviour(`goes on with a group when one of its jobs is dead-lettered (${queue})`, async () => {
        const job = named();
        await job.send(queue, "g1", { failures: 9 }, "g");
        await job.send(queue, "g2", {}, "g");
        await job.finished("g2");
        const ofGroup = job.of("started").filter(({ groupId }) => groupId === job.id("g"));
        expect(ofGroup.map(({ id }) => id)).toEqual(["g1", "g1", "g1", "g2"].map(job.id));
        const deadLetter = await job.deadLetter(queue, "g1");
        expect(deadLetter.Attributes?.MessageGroupId).toBe(job.id("g"));
      });
    }

    behaviour("runs a deduplicated job once", async () => {
      const job = named();
      await job.send("single.fifo", "a", {}, "g", "same");
      await job.send("single.fifo", "b", {}, "g", "same");
      await job.send("single.fifo", "last", {}, "g");
      await job.finished("a", "last");
      expect(job.of("started").map(({ id }) => id)).toEqual([job.id("a"), job.id("last")]);
    });

    behaviour("deduplicates within a group, not over the queue", async () => {
      const job = named();
      await job.send("single.fifo", "a", {}, "g", "same");
      await job.send("single.fifo", "b", {}, "h", "same");
      await job.finished("a", "b");
    });
  });
}

/** Looks through a dead-letter queue that several tests share, and puts back what is not this one's. */
async function takeDeadLetter({ sqs }: RunningPlace, queue: string, id: string) {
  const name = queue.endsWith(".fifo") ? `${queue.slice(0, -5)}-dlq.fifo` : `${queue}-dlq`;
  return await waitFor(
    `${id} in ${name}`,
    async () => {
      const messages = await sqs.peek(name);
      return messages.find((message) => message.Body?.includes(`"${id}"`));
    },
    { ...DEADLINE, everyMs: 300 },
  );
}
