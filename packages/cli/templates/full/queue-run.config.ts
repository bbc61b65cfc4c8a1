import { defineConfig } from "queue-run";

export default defineConfig({
  memory: 256,
  /** What every queue has unless it says otherwise. */
  queues: { timeout: "1m" },
});
