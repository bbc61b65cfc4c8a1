import { expect, test } from "vitest";
import { startTestProject } from "./testing-project.js";

type Noted = [queueName: string, group: string | null, payload: number];

const single = (config: string) => `
  import { setTimeout } from "node:timers/promises";
  export const config = ${config};
  export default async (payload, { groupId, queueName }) => {
    if (payload % 3 === 0) await setTimeout(payload % 5);
    if (payload % 4 === 0) await new Promise(setImmediate);
    note(queueName, groupId, payload);
  };
`;
const batched = (config: string) => `
  import { setTimeout } from "node:timers/promises";
  export const config = ${config};
  export const batch = async (jobs) => {
    await setTimeout(2);
    for (const { payload, queueName, groupId } of jobs) note(queueName, groupId, payload);
  };
`;

const QUEUES: Record<string, string> = {
  plain: single("{}"),
  once: single("{ retries: 0 }"),
  tracked: single("{ track: true }"),
  few: single("{ concurrency: 2, track: true }"),
  batches: batched("{ batchSize: 20, batchWindow: 5 }"),
  "plain.fifo": single("{}"),
  "tracked.fifo": single("{ track: true }"),
  "two.fifo": single("{ batchSize: 2, timeout: 30 }"),
  "batches.fifo": batched("{ batchSize: 5, timeout: 30 }"),
};
const JOBS = 12;
const firstSeed = Math.floor(Math.random() * 1_000_000);

test.each(Array.from({ length: 8 }, (_, run) => firstSeed + run))(
  "chaos with seed %i runs every job, groups in their order, and leaves nothing behind",
  async (seed) => {
    const files = Object.entries(QUEUES).map(([name, text]) => [`queues/${name}.ts`, text] as const);
    const { project, noted } = await startTestProject(Object.fromEntries(files), { chaos: { seed } });
    for (const queue of Object.keys(QUEUES))
      for (let n = 1; n <= JOBS; n++)
        await project.push(queue, n, queue.endsWith(".fifo") ? { group: n % 2 } : {});
    const { waiting, deadLetters } = await project.drain();
    expect([waiting, deadLetters]).toEqual([0, []]);
    for (const queue of Object.keys(QUEUES)) {
      const ran = (noted as Noted[]).filter(([name]) => name === queue);
      expect([queue, new Set(ran.map(([, , n]) => n)).size]).toEqual([queue, JOBS]);
      if (!queue.endsWith(".fifo")) continue;
      for (const group of ["0", "1"]) {
        const order = [...new Set(ran.filter(([, own]) => own === group).map(([, , n]) => n))];
        expect([queue, order]).toEqual([queue, order.toSorted((one, other) => one - other)]);
      }
    }
    await project.stop();
  },
  30_000,
);
