import { expect, test } from "vitest";
import { runJobs } from "./run-jobs.js";

/** How many runs: half of `SIM_SEEDS`, since one takes longer than one of the broker alone. */
const seeds = Math.ceil(Number(process.env.SIM_SEEDS ?? 300) / 2);
const only = process.env.SIM_SEED;

test(
  only === undefined
    ? `${seeds} runs of queues with handlers keep what is promised of jobs`
    : `seed ${only} keeps what is promised of jobs`,
  async () => {
    if (only !== undefined) await runJobs(Number(only));
    else for (let seed = 1; seed <= seeds; seed++) await runJobs(seed);
  },
);

test("a seed gives the same run each time", async () => {
  for (let seed = 1; seed <= 5; seed++) expect(await runJobs(seed)).toEqual(await runJobs(seed));
});
