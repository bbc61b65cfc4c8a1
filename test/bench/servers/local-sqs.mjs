/** Our server on a store on disk, as `queue-run dev` has it; the benchmark bundles it before it runs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBroker } from "../../../packages/cli/src/local-sqs/broker/create-broker.ts";
import { startSqsServer } from "../../../packages/cli/src/local-sqs/server.ts";
import { DurableStorage } from "../../../packages/cli/src/local-sqs/storage/durable-storage.ts";
import { reportTo } from "./report-cpu.mjs";

const directory = await mkdtemp(join(tmpdir(), "queue-run-bench-"));
const storage = process.env.BENCH_STORE === "memory" ? undefined : await DurableStorage.open(directory);
const broker = await createBroker({ storage });
const server = await startSqsServer({ broker, port: 0 });
reportTo(process, {
  port: server.port,
  async close() {
    await server.close();
    await broker.close();
    await rm(directory, { recursive: true });
  },
});
