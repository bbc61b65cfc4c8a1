/** A Vitest plugin that gives tests the "queue-run" that handlers get: `plugins: [queueRun()]`. */
export { queueRun } from "@queue-run/cli/vitest";
