import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { copyProject, makeProject } from "../harness/temporary-project.js";

describe("build", () => {
  it("prints routes and queues with the sizes of their bundles", async () => {
    const project = copyProject("examples/bookmarks");
    const { code, stdout } = await runCommand(["build"], { cwd: project.folder });
    expect(code).toBe(0);
    for (const part of ["/bookmarks/[id]", "fetch-title", "update-counts.fifo", "KB"])
      expect(stdout).toContain(part);
  });

  it("prints the same as JSON, and nothing else, with --json", async () => {
    const project = copyProject("examples/bookmarks");
    const { code, stdout } = await runCommand(["build", "--json"], { cwd: project.folder });
    expect(code).toBe(0);
    const told = JSON.parse(stdout);
    expect(JSON.stringify(told)).toContain("update-counts.fifo");
  });

  it("writes where -o says, and bundles that hold no tooling", async () => {
    const project = copyProject("examples/bookmarks");
    const { code, stdout } = await runCommand(["build", "-o", "out", "--json"], { cwd: project.folder });
    expect(code).toBe(0);
    expect(existsSync(project.path("out"))).toBe(true);
    expect(stdout).not.toContain("esbuild");
  });

  it("exits 1 and lists every problem", async () => {
    const project = makeProject({
      "queues/one.ts": "export const config = { timeout: -1 };",
      "queues/two words.ts": "export default async function () {}",
    });
    const { code, stderr } = await runCommand(["build"], { cwd: project.folder });
    expect(code).toBe(1);
    expect(stderr).toContain("queues/one.ts");
    expect(stderr).toContain("two words");
  });
});

describe("types", () => {
  it("writes types for payloads, that strict TypeScript accepts", async () => {
    const project = copyProject("examples/bookmarks");
    const { code } = await runCommand(["types"], { cwd: project.folder });
    expect(code).toBe(0);
    expect(project.read(".queue-run/types.d.ts")).toContain("fetch-title");
  });
});
