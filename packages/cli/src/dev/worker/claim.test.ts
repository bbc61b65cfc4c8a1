import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { createSeededRandom } from "../../local-sqs/broker/random.js";
import { claim, createClaims, offer, type Place } from "./claim.js";

const INVOCATIONS = 4_000;
/** To repeat a failure: QUEUE_RUN_TEST_SEED=… */
const seed = Number(process.env.QUEUE_RUN_TEST_SEED ?? Date.now() % 1_000_000);

/** A thread that claims what is on offer, as soon as it sees it or somewhat later, until it sees -1. */
const claimant = `
import { workerData, parentPort } from "node:worker_threads";
import { claim } from "./claim.js";
const { claims, patience } = workerData;
const won = [];
for (let turn = 0; ; turn++) {
  const place = turn % 2;
  const id = Atomics.load(claims, place);
  if (id === -1) break;
  if (id === 0) continue;
  for (let wait = (id * 7919) % patience; wait > 0; wait--) Atomics.load(claims, place);
  if (claim(claims, place, id)) won.push(id);
}
parentPort.postMessage(won);
`;

test(`whatever two threads claim at once, one of them gets (seed ${seed})`, async () => {
  const random = createSeededRandom(seed);
  const claims = createClaims();
  const [bundle] = buildSync({
    stdin: { contents: claimant, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "js" },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  }).outputFiles;
  const worker = new Worker(bundle?.text ?? "", { eval: true, workerData: { claims, patience: 40 } });
  const answer = new Promise<number[]>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await new Promise((resolve) => worker.once("online", resolve));

  const takenBack: number[] = [];
  for (let id = 1; id <= INVOCATIONS; id++) {
    const place: Place = id % 2 === 0 ? 0 : 1;
    offer(claims, place, id);
    for (let wait = Math.floor(random.next() * 400); wait > 0; wait--) Atomics.load(claims, place);
    if (claim(claims, place, id)) takenBack.push(id);
  }
  Atomics.store(claims, 0, -1);
  Atomics.store(claims, 1, -1);
  const won = await answer;
  expect(won.length).toBeGreaterThan(0);
  expect(takenBack.length).toBeGreaterThan(0);
  expect([...won, ...takenBack].sort((a, b) => a - b)).toEqual(
    Array.from({ length: INVOCATIONS }, (_, index) => index + 1),
  );
});
