/** Our server on a store on disk, as `queue-run dev` has it; bundled by the benchmark before it runs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBroker } from "../../../packages/cli/src/local-sqs/broker/create-broker.js";
import { startSqsServer } from "../../../packages/cli/src/local-sqs/server.js";
import { reportTo } from "./report-cpu.mjs";
