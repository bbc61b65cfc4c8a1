import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSeededRandom } from "../../packages/cli/src/local-sqs/broker/random.js";
import { DurableStorage } from "../../packages/cli/src/local-sqs/storage/durable-storage.js";

const here = dirname(fileURLToPath(import.meta.url));
const KEYS = 40;
const ROUNDS = 8;
let scratch: string;

beforeAll(async () => {
  // Inside the repository, where the bundle's packages are found.
  scratch = await mkdtemp(join(here, ".queue-run-"));
  await build({
    entryPoints: [join(here, "writing-process.ts")],
    outfile: join(scratch, "writing-process.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["queue-run:source"],
    external: ["classic-level"],
  });
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Batch n puts its number under a key in turn, and deletes the key after it: what n batches leave. */
function after(batches: number): Map<string, string> {
  const expected = new Map<string, string>();
  for (let number = 1; number <= batches; number++) {
    expected.set(`k${number % KEYS}`, String(number));
    expected.delete(`k${(number + 1) % KEYS}`);
  }
  return expected;
}

test("a real process killed while it writes loses no batch that was answered, and leaves none in part", async () => {
  const seed = Number(process.env.SIM_SEED ?? Date.now() % 1_000_000);
  const random = createSeededRandom(seed);
  const directory = join(scratch, "store");
  let batches = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const answered = await writeUntilKilled(directory, batches, 1 + random.next() * 80);
    const storage = await DurableStorage.open(directory);
    const found = new Map<string, string>();
    for await (const page of storage.entries("k", "l"))
      for (const [key, value] of page) found.set(key, value);
    await storage.close();
    batches = Math.max(0, ...[...found.values()].map(Number));
    expect(batches, `seed ${seed}, round ${round}: batches on disk`).toBeGreaterThanOrEqual(answered);
    expect(batches, `seed ${seed}, round ${round}: batches on disk`).toBeLessThanOrEqual(answered + 1);
    expect(new Map([...found].sort()), `seed ${seed}, round ${round}`).toEqual(
      new Map([...after(batches)].sort()),
    );
  }
  expect(batches).toBeGreaterThan(ROUNDS);
});

/** Returns the last batch whose answer was seen. */
async function writeUntilKilled(directory: string, from: number, afterMs: number): Promise<number> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(scratch, "writing-process.mjs"), directory, String(from), String(KEYS)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  await new Promise<void>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      // The clock runs from the first answer: opening takes as long as it takes.
      if (output === "") setTimeout(() => child.kill("SIGKILL"), afterMs);
      output += chunk.toString();
    });
    child.on("close", () => resolve());
  });
  const lines = output.split("\n").slice(0, -1);
  return Number(lines.at(-1) ?? from);
}
