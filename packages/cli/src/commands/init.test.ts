import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, onTestFinished, test } from "vitest";
import { bundleFunctions } from "../build/bundle-functions.js";
import { readProject } from "../project/read-project.js";
import { configure } from "./init.js";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "queue-run-init-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function init(cwd: string, ...args: string[]): Promise<string> {
  const printed: string[] = [];
  const command = new Command("init")
    .option("--cwd <dir>", "", cwd)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  configure(command, {
    stdout: { write: (text) => printed.push(text) },
    stderr: { write: () => {} },
    isTerminal: false,
    env: {},
  });
  await command.parseAsync(args, { from: "user" });
  return printed.join("");
}

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

test.each(["queue", "api", "full"])(
  "the template %s is a project without problems, which can be bundled",
  async (template) => {
    const cwd = folder();
    const printed = await init(cwd, "My App", "--template", template);
    expect(printed).toContain("cd My App");
    expect(printed).toContain("npm install");
    expect(printed).toContain("curl localhost:8000/");
    const app = join(cwd, "My App");
    const { name, type, dependencies } = json(join(app, "package.json"));
    expect([name, type, Object.keys(dependencies)]).toEqual(["my-app", "module", ["queue-run"]]);
    expect(json(join(app, "tsconfig.json"))).toEqual({ extends: "queue-run/tsconfig.json" });
    expect(readFileSync(join(app, ".gitignore"), "utf8").split("\n")).toContain(".queue-run");
    // The repository's own queue-run stands in for an installed one.
    rmSync(join(app, "tsconfig.json"));
    const reading = await readProject(app, { stage: "dev" });
    if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
    expect(reading.warnings).toEqual([]);
    const { queues, schedules } = reading.manifest;
    const bundles = await bundleFunctions(reading.manifest, join(app, "out"));
    expect(bundles.length).toBe(queues.length + schedules.length + 1);
  },
);

test("writes into this folder, a queue and its route, when nothing is said", async () => {
  const cwd = folder();
  expect(await init(cwd)).not.toContain("cd ");
  expect(existsSync(join(cwd, "queues/greetings.ts"))).toBe(true);
});

test("keeps what is there, and adds what it lacks", async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, "package.json"),
    JSON.stringify({ name: "mine", scripts: { dev: "my own" }, dependencies: { "queue-run": "1.2.3" } }),
  );
  writeFileSync(join(cwd, ".gitignore"), "node_modules/\ndist");
  writeFileSync(join(cwd, "README.md"), "mine");
  writeFileSync(join(cwd, "tsconfig.json"), "{}");
  await init(cwd);
  expect(json(join(cwd, "package.json"))).toMatchObject({
    name: "mine",
    scripts: { dev: "my own", build: "queue-run build" },
    dependencies: { "queue-run": "1.2.3" },
  });
  expect(readFileSync(join(cwd, ".gitignore"), "utf8")).toBe("node_modules/\ndist\n.queue-run\n.env\n");
  expect(readFileSync(join(cwd, "README.md"), "utf8")).toBe("mine");
  expect(readFileSync(join(cwd, "tsconfig.json"), "utf8")).toBe("{}");
});

test("refuses to overwrite, names the files, and writes nothing", async () => {
  const cwd = folder();
  await init(cwd, "app");
  rmSync(join(cwd, "app/api"), { recursive: true });
  rmSync(join(cwd, "app/README.md"));
  await expect(init(cwd, "app")).rejects.toMatchObject({
    code: "QR_INIT_CONFLICT",
    message: expect.stringContaining("queues/greetings.ts"),
  });
  expect(existsSync(join(cwd, "app/api"))).toBe(false);
  expect(existsSync(join(cwd, "app/README.md"))).toBe(false);
});

test("refuses a template that there is not", async () => {
  await expect(init(folder(), "--template", "nope")).rejects.toMatchObject({
    code: "commander.invalidArgument",
  });
});
