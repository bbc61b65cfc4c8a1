import { queueRun } from "queue-run/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({ plugins: [queueRun()] });
