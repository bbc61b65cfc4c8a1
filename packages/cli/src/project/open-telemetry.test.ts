import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findOpenTelemetry } from "./open-telemetry.js";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-otel-")));
});
afterEach(() => rmSync(root, { recursive: true }));

function install(): void {
  const folder = join(root, "node_modules/@opentelemetry/api");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "name": "@opentelemetry/api", "main": "index.js" }');
  writeFileSync(join(folder, "index.js"), "");
}

const write = (manifest: object) => writeFileSync(join(root, "package.json"), JSON.stringify(manifest));

test.each([
  { dependencies: { "@opentelemetry/api": "1" } },
  { devDependencies: { "@opentelemetry/api": "1" } },
  // npm installs the API as its peer without writing it down.
  { dependencies: { "@opentelemetry/sdk-node": "0" } },
])("is there where package.json names a package of it: %j", (manifest) => {
  write(manifest);
  expect(findOpenTelemetry(root)).toBeNull();
  install();
  expect(findOpenTelemetry(root)).toBe(join(root, "node_modules/@opentelemetry/api/index.js"));
});

test("is not where only a dependency has brought it, or package.json cannot be read", () => {
  install();
  write({ dependencies: { hono: "4" } });
  expect(findOpenTelemetry(root)).toBeNull();
  writeFileSync(join(root, "package.json"), "{");
  expect(findOpenTelemetry(root)).toBeNull();
});
