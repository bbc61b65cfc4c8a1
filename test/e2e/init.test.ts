import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runCommand } from "../harness/command.js";
import { startDev } from "../harness/dev-server.js";
import { repository } from "../harness/repository.js";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "queue-run-init-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What `npm install` would do, without asking the registry. */
function linkPackages(folder: string): void {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  const wanted = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const names = Object.keys({ ...wanted.dependencies, ...wanted.devDependencies, "@types/node": "" });
  for (const name of names) {
    mkdirSync(join(folder, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(repository, "node_modules", name), join(folder, "node_modules", name), "junction");
  }
}

it.each(["queue", "api", "full"])(
  "init --template %s writes a project that runs and type-checks",
  async (template) => {
    const folder = emptyFolder();
    const { code, stdout, stderr } = await runCommand(["init", "my-app", "--template", template], {
      cwd: folder,
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("npm install");
    const app = join(folder, "my-app");
    expect(JSON.parse(readFileSync(join(app, "package.json"), "utf8")).name).toBe("my-app");
    expect(existsSync(join(app, ".gitignore"))).toBe(true);
    linkPackages(app);
    expect((await runCommand(["types"], { cwd: app })).code).toBe(0);
    execFileSync(
      process.execPath,
      [join(repository, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", app],
      {
        stdio: "inherit",
      },
    );
    const server = await startDev(app);
    await server.stop();
  },
);

it("init works in an empty folder without asking, and never overwrites", async () => {
  const folder = emptyFolder();
  expect((await runCommand(["init"], { cwd: folder })).code).toBe(0);
  expect(existsSync(join(folder, "package.json"))).toBe(true);
  const mine = emptyFolder();
  writeFileSync(join(mine, "package.json"), '{"name":"mine"}');
  await runCommand(["init"], { cwd: mine });
  expect(JSON.parse(readFileSync(join(mine, "package.json"), "utf8")).name).toBe("mine");
});
