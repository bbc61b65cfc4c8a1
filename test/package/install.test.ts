import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { startDev } from "../harness/dev-server.js";
import { repository } from "../harness/repository.js";

const MEGABYTE = 1024 ** 2;

/** What a user has after `npm install queue-run`, from the packages as they would be published. */
describe("the packages, packed and installed into an empty folder", () => {
  let folder: string;
  let bin: string;

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-package-")));
    const workspaces = ["runtime", "cli", "queue-run"].flatMap((name) => ["-w", `packages/${name}`]);
    npm(repository, "pack", ...workspaces, "--pack-destination", folder, "--silent");
    const tarballs = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
    expect(tarballs).toHaveLength(3);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true }));
    npm(
      folder,
      "install",
      "--ignore-scripts",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--silent",
      ...tarballs.map((it) => `./${it}`),
    );
    bin = join(folder, "node_modules/queue-run/bin/queue-run.js");
  }, 240_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("take at most 60 MB", () => {
    const bytes = sizeOf(join(folder, "node_modules"));
    console.info(`Installed size: ${(bytes / MEGABYTE).toFixed(1)} MB`);
    expect(bytes).toBeLessThanOrEqual(60 * MEGABYTE);
  });

  it("carry the licences of what is bundled into them", () => {
    const licensesOf = (name: string) =>
      readFileSync(join(folder, "node_modules/@queue-run", name, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
    expect(licensesOf("runtime")).toMatch(/@smithy\/signature-v4 \d+\.\d+.*\n[\s\S]*Apache License/);
    expect(licensesOf("cli")).toMatch(/dynalite \d+\.\d+.*\n[\s\S]*Apache License/);
  });

  it("need no install script of their own, and publish no tests or sources", () => {
    for (const name of ["queue-run", "@queue-run/cli", "@queue-run/runtime"]) {
      const root = join(folder, "node_modules", name);
      const { scripts = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
      expect(Object.keys(scripts).filter((script) => /install|prepare/.test(script))).toEqual([]);
      const files = readdirSync(root, { recursive: true, encoding: "utf8" });
      expect(files.filter((file) => /\.test\.|^src\b/.test(file))).toEqual([]);
    }
  });

  it("run a project that init writes, whose types are right", async () => {
    expect(await runCommand(["init", "app"], { cwd: folder, bin })).toMatchObject({ code: 0, stderr: "" });
    const app = join(folder, "app");
    expect(await runCommand(["types"], { cwd: app, bin })).toMatchObject({ code: 0 });
    npm(
      folder,
      "install",
      "--ignore-scripts",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--silent",
      "--no-save",
      "@types/node@22",
      "typescript@7",
    );
    execFileSync(process.execPath, [join(folder, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", app], {
      stdio: "inherit",
    });
    const server = await startDev(app, { bin });
    const routes = JSON.parse((await runCommand(["build", "--json"], { cwd: app, bin })).stdout);
    expect(JSON.stringify(routes)).toContain("queues/");
    expect((await server.fetch("/")).status).toBeLessThan(500);
    await server.stop();
  }, 240_000);

  it("test a project inside of a test's process", async () => {
    const app = join(folder, "tested");
    mkdirSync(join(app, "queues"), { recursive: true });
    writeFileSync(join(app, "package.json"), JSON.stringify({ name: "tested", type: "module" }));
    writeFileSync(
      join(app, "queues/sums.ts"),
      'import { queues } from "queue-run"; export const queue = queues.self<number[]>(); export const config = { track: true } as const; export default (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);',
    );
    writeFileSync(
      join(app, "sums.test.mjs"),
      `import assert from "node:assert/strict";
       import { test } from "node:test";
       import { startProject } from "queue-run/testing";
       import { queues } from "queue-run";
       test("sums", async () => {
         const project = await startProject();
         const jobId = await project.push("sums", [1, 2], { delay: "2d" });
         await project.clock.advance("2 days");
         assert.equal(await queues("sums").result(jobId), 3);
         await project.stop();
       });`,
    );
    const { code, stdout, stderr } = await runCommand(["sums.test.mjs"], { cwd: app, bin: "--test" });
    expect([stdout, stderr, code]).toEqual([expect.stringMatching(/pass 1/), "", 0]);
  });

  it("run the examples", async () => {
    cpSync(join(repository, "examples/minimal"), join(folder, "minimal"), {
      recursive: true,
      filter: (path) => !/node_modules|\.queue-run/.test(path.slice(repository.length)),
    });
    const server = await startDev(join(folder, "minimal"), { bin });
    await server.post("/greetings", new URLSearchParams({ name: "package" }));
    await server.printed("Hello, package!");
    await server.stop();
  });
});

function npm(cwd: string, ...args: string[]): void {
  execFileSync(process.platform === "win32" ? "npm.cmd" : "npm", args, {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Bytes of all files below, links not followed. */
function sizeOf(path: string): number {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const child = join(path, entry.name);
    if (entry.isDirectory()) return sum + sizeOf(child);
    return entry.isFile() ? sum + statSync(child).size : sum;
  }, 0);
}
