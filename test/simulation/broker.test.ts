import { test } from "vitest";
import { runSeed } from "./run-seed.js";

/** How many runs: `SIM_SEEDS=10000 npm run sim`. */
const seeds = Number(process.env.SIM_SEEDS ?? 300);
const only = process.env.SIM_SEED;

test(
  only === undefined
    ? `${seeds} runs of the broker agree with the model`
    : `seed ${only} agrees with the model`,
  async () => {
    if (only !== undefined) await runSeed(Number(only));
    else for (let seed = 1; seed <= seeds; seed++) await runSeed(seed);
  },
);
