import fc from "fast-check";
import { expect, test } from "vitest";
import { delivery, fail, retry } from "./testing/delivery.js";
import { letPromisesRun } from "./testing/fake-clock.js";
import { DONE, type Verdict } from "./verdict.js";

test("partial failures: what goes back is exactly what is to be retried, whatever the delivery", async () => {
  const verdict = fc.constantFrom<Verdict["kind"]>("done", "retry", "fail");
  const job = fc.record({ verdict, receivedCount: fc.integer({ min: 1, max: 6 }), together: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 30 }), async (jobs) => {
      const kinds = { done: DONE, retry: retry(), fail: fail() };
      const verdicts = Object.fromEntries(jobs.map((each, index) => [`m${index}`, kinds[each.verdict]]));
      const { run, queue, ran } = delivery(
        jobs.map((each, index) => ({ ...each, id: `m${index}` })),
        verdicts,
      );
      const ids = (wanted: (each: (typeof jobs)[number]) => boolean) =>
        jobs.flatMap((each, index) => (wanted(each) ? [`m${index}`] : []));
      const isRetried = (each: (typeof jobs)[number]) => each.verdict === "retry" && each.receivedCount < 5;
      expect(await run()).toEqual(ids(isRetried));
      expect(Object.keys(queue.visibility).sort()).toEqual(ids(isRetried).sort());
      const dead = ids((each) => each.verdict !== "done" && !isRetried(each));
      expect(queue.deadLetters.map(({ record: { messageId } }) => messageId).sort()).toEqual(dead.sort());
      expect(ran.flatMap((step) => step.split("+")).sort()).toEqual(ids(() => true).sort());
    }),
  );
});

/**
 * A FIFO queue as SQS serves it, and the policy as its only consumer, until the queue is empty: whatever the handlers
 * do, each group's jobs start in order, each only when those before it are over, and none is lost.
 */
test("the FIFO rule holds over any course of failures", async () => {
  const job = fc.record({
    group: fc.constantFrom("a", "b", "c"),
    fate: fc.array(fc.constantFrom<Verdict["kind"]>("done", "retry", "fail"), { minLength: 3, maxLength: 3 }),
    together: fc.boolean(),
  });
  const deadLetterFails = fc.array(fc.boolean(), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(job, { maxLength: 12 }),
      fc.integer({ min: 1, max: 10 }),
      deadLetterFails,
      async (jobs, batchSize, refusals) => {
        const maxAttempts = 3;
        const waiting = jobs.map((each, index) => ({ ...each, id: `m${index}`, receives: 0, attempts: 0 }));
        const started: Record<string, string[]> = { a: [], b: [], c: [] };
        const over = new Set<string>();
        const deadLettered = new Set<string>();
        for (let delivered = 0; waiting.length > 0; delivered++) {
          expect(delivered).toBeLessThan(200);
          const taken = waiting.slice(0, batchSize);
          for (const each of taken) each.receives++;
          const sketches = taken.map(({ id, group, together, receives }) => ({
            id,
            groupId: group,
            together,
            receivedCount: receives,
            maxAttempts,
          }));
          const { run, queue } = delivery(
            sketches,
            {},
            {
              fifo: true,
              run: async (step) => {
                const members = step.map(({ messageId }) => taken.find(({ id }) => id === messageId));
                for (const member of members) {
                  if (!member) throw new Error("ran what was not delivered");
                  const earlier = jobs
                    .slice(0, Number(member.id.slice(1)))
                    .flatMap((each, index) => (each.group === member.group ? [`m${index}`] : []));
                  const inThisCall = step.map(({ messageId }) => messageId);
                  for (const id of earlier) expect(over.has(id) || inThisCall.includes(id)).toBe(true);
                  expect(over.has(member.id)).toBe(false);
                  started[member.group]?.push(member.id);
                }
                await letPromisesRun();
                return members.map((member) => {
                  const kind = member?.fate[member.attempts++] ?? "done";
                  if (kind === "done") over.add(member?.id ?? "");
                  return kind === "done" ? DONE : kind === "retry" ? retry() : fail();
                });
              },
            },
          );
          const send = queue.sendDeadLetter;
          queue.sendDeadLetter = async (each, failure) => {
            if (refusals.pop()) throw new Error("refused");
            deadLettered.add(each.messageId);
            over.add(each.messageId);
            return send(each, failure);
          };
          const back = new Set(await run());
          for (const { id } of taken) {
            if (back.has(id)) continue;
            expect(over.has(id)).toBe(true);
            waiting.splice(
              waiting.findIndex((each) => each.id === id),
              1,
            );
          }
          // A group that has something to be retried keeps everything behind it.
          for (const id of over) expect(back.has(id)).toBe(false);
        }
        expect([...over].sort()).toEqual(jobs.map((_, index) => `m${index}`).sort());
      },
    ),
    { numRuns: 150 },
  );
}, 30_000);
