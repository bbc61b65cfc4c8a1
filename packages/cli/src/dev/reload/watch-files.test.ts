import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FileWatcher, watchFiles } from "./watch-files.js";

let root: string;
let elsewhere: string;
let changed: Set<string>;
let watcher: FileWatcher;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-watch-")));
  elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-watch-")));
  write("queues/a.ts", "1");
  write("node_modules/pkg/index.js", "1");
  changed = new Set();
});

afterEach(() => {
  watcher.close();
  rmSync(root, { recursive: true, force: true });
  rmSync(elsewhere, { recursive: true, force: true });
});

function start(): void {
  watcher = watchFiles(
    root,
    (file) => changed.add(relative(root, file)),
    (error) => {
      throw error;
    },
  );
}

function write(path: string, text: string, folder = root): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const told = (path: string) =>
  expect.poll(() => [...changed], { interval: 5, timeout: 5_000 }).toContain(path);

it("tells of a file that is saved, added, replaced or removed", async () => {
  start();
  write("queues/a.ts", "2");
  await told("queues/a.ts");
  write("queues/b.ts", "1");
  await told("queues/b.ts");
  changed.clear();
  write("queues/b.ts.tmp", "2");
  renameSync(join(root, "queues/b.ts.tmp"), join(root, "queues/b.ts"));
  await told("queues/b.ts");
  changed.clear();
  rmSync(join(root, "queues/a.ts"));
  await told("queues/a.ts");
});

it("tells of files in folders that are new", async () => {
  start();
  write("api/deep/er/route.ts", "1");
  await told("api/deep/er/route.ts");
  changed.clear();
  write("api/deep/er/route.ts", "2");
  await told("api/deep/er/route.ts");
});

it("says nothing of packages, of what queue-run writes, or of data", async () => {
  start();
  write("node_modules/pkg/index.js", "2");
  write(".queue-run/dev/modules/queues/a.ts", "1");
  write("journal.jsonl", "{}");
  write("queues/a.ts", "2");
  await told("queues/a.ts");
  expect([...changed]).toEqual(["queues/a.ts"]);
});

it("tells of files that are reached, wherever they are and whatever they are called", async () => {
  write("shared.ts", "1", elsewhere);
  write("other.ts", "1", elsewhere);
  write("query.sql", "1");
  start();
  watcher.add([join(elsewhere, "shared.ts"), join(root, "query.sql")]);
  write("other.ts", "2", elsewhere);
  write("shared.ts", "2", elsewhere);
  await told(relative(root, join(elsewhere, "shared.ts")));
  write("query.sql", "2");
  await told("query.sql");
  expect([...changed]).not.toContain(relative(root, join(elsewhere, "other.ts")));
});
