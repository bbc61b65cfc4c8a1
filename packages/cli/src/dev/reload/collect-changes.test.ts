import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { deferred } from "../deferred.js";
import { collectChanges } from "./collect-changes.js";

let soon: (() => void)[];
let clock: ReturnType<typeof createTestClock>;
let applied: string[][];
let applying: Promise<void>;
let changes: ReturnType<typeof collectChanges>;

beforeEach(() => {
  soon = [];
  applied = [];
  applying = Promise.resolve();
  clock = createTestClock(0);
  changes = collectChanges({ clock, soon: (callback) => soon.push(callback) }, (files) => {
    applied.push(files);
    return applying;
  });
});

function turn(): void {
  for (const callback of soon.splice(0)) callback();
}

it("hands over together what is told of together, each file once", () => {
  for (const file of ["/a.ts", "/b.ts", "/a.ts"]) changes.changed(file);
  expect(applied).toEqual([]);
  turn();
  expect(applied).toEqual([["/a.ts", "/b.ts"]]);
});

it("keeps what comes meanwhile until what it handed over is done", async () => {
  const first = deferred();
  applying = first.promise;
  changes.changed("/a.ts");
  turn();
  changes.changed("/b.ts");
  turn();
  expect(applied).toEqual([["/a.ts"]]);
  first.resolve();
  await first.promise;
  await new Promise(setImmediate);
  turn();
  expect(applied).toEqual([["/a.ts"], ["/b.ts"]]);
});

it("gives an empty file time to be written, and takes it at once when it is", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-collect-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "a.ts");
  writeFileSync(file, "");
  changes.changed(file);
  turn();
  expect(applied).toEqual([]);
  writeFileSync(file, "1");
  changes.changed(file);
  turn();
  expect(applied).toEqual([[file]]);
});

it("takes an empty file for what it is after a moment", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-collect-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "a.ts"), "");
  changes.changed(join(folder, "a.ts"));
  clock.advance(100);
  expect(applied).toEqual([[join(folder, "a.ts")]]);
});

it("hands over nothing when it is stopped", () => {
  changes.changed("/a.ts");
  changes.stop();
  turn();
  expect(applied).toEqual([]);
});
