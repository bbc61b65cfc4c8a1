import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultQueueSettings } from "@queue-run/runtime/config";
import { expect, onTestFinished, test } from "vitest";
import type { Manifest } from "../project/manifest.js";
import { readBuiltProject, writeBuiltProject } from "./built-project.js";
import type { FunctionBundle } from "./function-bundle.js";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "queue-run-build-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const queue = {
  name: "emails",
  fifo: false,
  file: "queues/emails.ts",
  jobs: ["default"],
  batch: false,
  settings: defaultQueueSettings(false),
};
const project = { name: "shop", settings: { memory: 512 }, queues: [queue], routes: [] };

test("what was written can be read where the folder is, sources or not", () => {
  const folder = emptyFolder();
  const bundle = { id: "queue:emails", file: join(folder, "queue-emails", "index.mjs") };
  const manifest = { root: "/gone", schedules: [], socket: null, index: null, ...project } as Manifest;
  writeBuiltProject(manifest, "staging", [bundle as FunctionBundle], folder);
  expect(readBuiltProject(folder)).toMatchObject({
    ...project,
    stage: "staging",
    functions: new Map([["queue:emails", bundle.file]]),
  });
});

test("a folder of something else says how to build one", () => {
  const folder = emptyFolder();
  const read = () => readBuiltProject(folder);
  expect(read).toThrow(expect.objectContaining({ code: "QR_NO_BUILD" }));
  writeFileSync(join(folder, "project.json"), '{"version":2}');
  expect(read).toThrow(
    expect.objectContaining({ code: "QR_NO_BUILD", fix: expect.stringContaining("queue-run build -o") }),
  );
});
