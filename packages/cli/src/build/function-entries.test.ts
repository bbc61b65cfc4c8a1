import { defaultQueueSettings } from "@queue-run/runtime/config";
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

/** The line of a queue's entry point that says what its instance knows. */
function configuring(settings: Manifest["settings"]): string | undefined {
  const manifest = {
    root: "/app",
    name: "shop",
    queues: [queue],
    index: null,
    settings,
  } as unknown as Manifest;
  const text = queueEntry(queue, manifest, (file) => `/app/${file}`);
  return text.split("\n").find((line) => line.startsWith("configureInstance("));
}

test("an instance writes metrics unless the project wants none", () => {
  for (const settings of [{}, { metrics: true }])
    expect(configuring(settings)).toMatch(
      /^configureInstance\(instanceFromEnvironment\(.*process\.env\)\);$/,
    );
  expect(configuring({ metrics: false })).toMatch(
    /^configureInstance\(\{ \.\.\.instanceFromEnvironment\(.*process\.env\), metrics: false \}\);$/,
  );
});
