import { defaultQueueSettings } from "@queue-run/runtime/config";
import type { InstanceConfig } from "@queue-run/runtime/instance";
import { expect, test } from "vitest";
import type { Manifest, QueueDefinition } from "../project/manifest.js";
import { queueEntry } from "./function-entries.js";

const queue = {
  name: "emails",
  fifo: false,
  file: "queues/emails.ts",
  settings: defaultQueueSettings(false),
  jobs: ["default"],
} as unknown as QueueDefinition;

/** What the entry point of a queue's function configures its instance with. */
function configured(settings: Manifest["settings"]): InstanceConfig | null {
  const manifest = {
    root: "/app",
    name: "shop",
    queues: [queue],
    index: null,
    settings,
  } as unknown as Manifest;
  const text = queueEntry(queue, manifest, (file) => `/app/${file}`);
  const call = /^configureInstance\((.*)\);$/m.exec(text)?.[1];
  let given: InstanceConfig | null = null;
  new Function("take", "instanceFromEnvironment", "process", `take(${call})`)(
    (instance: InstanceConfig) => (given = instance),
    (queues: unknown[], env: object) => ({ queues, env }),
    { env: { QUEUE_RUN_STAGE: "prod" } },
  );
  return given;
}

test("an instance knows the project's queues and its environment, and writes metrics unless the project wants none", () => {
  const known = { queues: [{ name: "emails" }], env: { QUEUE_RUN_STAGE: "prod" } };
  expect(configured({})).toMatchObject(known);
  expect(configured({})).not.toHaveProperty("metrics");
  expect(configured({ metrics: true })).not.toHaveProperty("metrics");
  expect(configured({ metrics: false })).toMatchObject({ ...known, metrics: false });
});
