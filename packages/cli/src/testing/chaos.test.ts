import { expect, test } from "vitest";
import { startTestProject } from "./testing-project.js";

const counting = `
  const done = new Set();
  export const config = { timeout: 30 };
  export default async function (payload, { jobId, receivedCount }) {
    note("run", payload, receivedCount);
    if (globalThis.idempotent && done.has(jobId)) return;
    await null;
    done.add(jobId);
    note("effect", payload);
  }
`;

const runs = (noted: unknown[], what: string) => noted.filter((each) => (each as unknown[])[0] === what);

test("delivers a job twice, at once, and only once more", async () => {
  const { project, noted } = await startTestProject(
    { "queues/jobs.ts": counting, "queues/jobs.fifo.ts": counting },
    { chaos: { seed: 1, deliverTwice: 1 } },
  );
  await project.push("jobs", "a");
  for (const payload of ["b", "c"]) await project.push("jobs.fifo", payload, { group: "g" });
  const { faults, runs: all, waiting } = await project.drain();
  expect(runs(noted, "run").filter((each) => each !== "a")).toEqual(
    expect.arrayContaining([
      ["run", "a", 1],
      ["run", "a", 2],
    ]),
  );
  expect(
    noted
      .filter((each) => ["b", "c"].includes((each as string[])[1] ?? ""))
      .map((each) => (each as string[])[1]),
  ).toEqual(["b", "b", "b", "b", "c", "c", "c", "c"]);
  expect(faults.map(({ kind, queueName }) => [kind, queueName]).sort()).toEqual([
    ["delivered-twice", "jobs"],
    ["delivered-twice", "jobs.fifo"],
    ["delivered-twice", "jobs.fifo"],
  ]);
  expect([all.length, waiting]).toEqual([6, 0]);
});

test("loses what a handler did not get to say, after it has done everything", async () => {
  const { project, noted } = await startTestProject(
    { "queues/jobs.ts": counting, "queues/once.ts": `${counting}`.replace("timeout: 30", "retries: 0") },
    { chaos: { seed: 1, crashAfterSideEffect: 1 } },
  );
  const jobId = await project.push("jobs", "a");
  await project.push("once", "b");
  const { faults, deadLetters, waiting } = await project.drain();
  expect(faults).toEqual([{ kind: "crashed", queueName: "jobs", jobId }]);
  expect(runs(noted, "effect")).toEqual(
    expect.arrayContaining([
      ["effect", "a"],
      ["effect", "a"],
      ["effect", "b"],
    ]),
  );
  expect(noted).toHaveLength(6);
  expect([deadLetters, waiting]).toEqual([[], 0]);
});

test("ends a job's time while it runs, and runs it again at once", async () => {
  const { project, noted } = await startTestProject(
    {
      "queues/jobs.ts": `
        import { setTimeout } from "node:timers/promises";
        export const config = { timeout: 600 };
        export default async function (payload, { signal, attempt }) {
          note("start", attempt);
          await setTimeout(20);
          note("end", attempt, signal.aborted);
        }`,
    },
    { chaos: { seed: 1, timeOut: 1 } },
  );
  await project.push("jobs", "a");
  const { faults, failures } = await project.drain();
  expect(faults).toMatchObject([{ kind: "timed-out" }]);
  expect(failures).toMatchObject([{ attempt: 1, outcome: "retry", error: { code: "QR_JOB_TIMEOUT" } }]);
  expect(noted).toEqual(
    expect.arrayContaining([
      ["start", 1],
      ["start", 2],
      ["end", 1, true],
      ["end", 2, false],
    ]),
  );
});

test("brings the jobs of a standard queue in another order, and those of a FIFO group in theirs", async () => {
  const handler =
    "export const config = { batchSize: 1 }; export default (payload, { queueName }) => note(queueName, payload);";
  const { project, noted } = await startTestProject(
    { "queues/any.ts": handler, "queues/in.fifo.ts": handler },
    { chaos: { seed: 3, reorder: true } },
  );
  const numbers = Array.from({ length: 30 }, (_, n) => n);
  for (const n of numbers) await project.push("any", n);
  for (const n of numbers) await project.push("in.fifo", n, { group: "g" });
  await project.drain();
  const payloads = (queue: string) => runs(noted, queue).map((each) => (each as number[])[1]);
  expect(payloads("in.fifo")).toEqual(numbers);
  expect(payloads("any")).not.toEqual(numbers);
  expect(payloads("any").toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers);
});

async function trouble(seed: number, pushes = 40): Promise<string[]> {
  const { project } = await startTestProject(
    { "queues/a.ts": counting, "queues/b.ts": counting },
    { chaos: { seed } },
  );
  for (let n = 0; n < pushes; n++) await project.push(n % 2 ? "a" : "b", n);
  const { faults } = await project.drain();
  const ids = project.pushed().map(({ jobId }) => jobId);
  await project.stop();
  return faults.map(({ kind, queueName, jobId }) => `${queueName} ${ids.indexOf(jobId)} ${kind}`).sort();
}

test("does the same again with the same seed, and something else with another", async () => {
  const first = await trouble(42);
  expect(first.length).toBeGreaterThan(5);
  expect(await trouble(42)).toEqual(first);
  expect(await trouble(43)).not.toEqual(first);
});

test("finds a handler that is not idempotent, and leaves one alone that is", async () => {
  const effectsOf = async (idempotent: boolean) => {
    Object.assign(globalThis, { idempotent });
    const { project, noted } = await startTestProject({ "queues/jobs.ts": counting }, { chaos: true });
    for (let n = 0; n < 30; n++) await project.push("jobs", n);
    const report = await project.drain();
    await project.stop();
    expect(report.deadLetters).toEqual([]);
    expect(report.faults).not.toEqual([]);
    return runs(noted, "effect").length;
  };
  expect(await effectsOf(true)).toBe(30);
  expect(await effectsOf(false)).toBeGreaterThan(30);
});

test("leaves alone what is not asked for", async () => {
  for (const chaos of [false, { deliverTwice: false }, { seed: 5, reorder: true }]) {
    const { project, noted } = await startTestProject({ "queues/jobs.ts": counting }, { chaos });
    for (let n = 0; n < 20; n++) await project.push("jobs", n);
    expect((await project.drain()).faults).toEqual([]);
    expect(runs(noted, "run")).toHaveLength(20);
  }
});
