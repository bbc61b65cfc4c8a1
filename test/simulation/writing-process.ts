import { writeSync } from "node:fs";
import { DurableStorage } from "../../packages/cli/src/local-sqs/storage/durable-storage.js";

// Writes numbered batches to a store and says each that was answered, until it is killed. Checkpoints come so often
// that kills fall into them.
const [directory = "", from = "0", keys = "1"] = process.argv.slice(2);
const storage = await DurableStorage.open(directory, { checkpointBytes: 2_000 });
for (let number = Number(from) + 1; ; number++) {
  await storage.write([
    { type: "put", key: `k${number % Number(keys)}`, value: String(number), fresh: false },
    { type: "del", key: `k${(number + 1) % Number(keys)}` },
  ]);
  writeSync(1, `${number}\n`);
  if (number % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
}
