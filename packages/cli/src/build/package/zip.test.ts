import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import { createZipper, zipFiles } from "./zip.js";

const entry = (text: string, executable = false) => ({ bytes: Buffer.from(text), executable });
const FILES = new Map([
  ["node_modules/tool/bin", entry("#!/bin/sh\n", true)],
  ["index.mjs", entry("code ".repeat(1_000))],
  ["[id]-é漢.mjs", entry("")],
]);

test("holds what it was made of, compressed, whatever the order", () => {
  const zip = zipFiles(FILES);
  const files = unzipSync(zip);
  expect(Object.keys(files)).toEqual(["[id]-é漢.mjs", "index.mjs", "node_modules/tool/bin"]);
  for (const [path, { bytes }] of FILES) expect(Buffer.from(files[path] ?? []).equals(bytes)).toBe(true);
  expect(zip.length).toBeLessThan(1_000);
  expect(zipFiles(new Map([...FILES].reverse()))).toEqual(zip);
});

test("what was compressed for one zip is in the next as it would be alone", () => {
  const zipper = createZipper();
  zipper(FILES);
  const others = new Map([...FILES, ["other.mjs", entry("code ".repeat(1_000))]]);
  expect(zipper(others)).toEqual(zipFiles(others));
});

const python = spawnSync("python3", ["--version"]).status === 0;
test.skipIf(!python)("another reader of zips finds it sound: permissions, times, checksums", () => {
  const folder = mkdtempSync(join(tmpdir(), "queue-run-zip-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "code.zip"), zipFiles(FILES));
  const script = `
import json, sys, zipfile
zip = zipfile.ZipFile(sys.argv[1])
assert zip.testzip() is None
print(json.dumps([[i.filename, oct(i.external_attr >> 16), list(i.date_time), i.file_size] for i in zip.infolist()]))`;
  const { stdout, stderr } = spawnSync("python3", ["-c", script, join(folder, "code.zip")], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const noon = [1980, 1, 1, 12, 0, 0];
  expect(JSON.parse(stdout)).toEqual([
    ["[id]-é漢.mjs", "0o100644", noon, 0],
    ["index.mjs", "0o100644", noon, 5_000],
    ["node_modules/tool/bin", "0o100755", noon, 10],
  ]);
});
