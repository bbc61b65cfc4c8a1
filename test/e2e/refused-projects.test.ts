import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { runCommand } from "../harness/command.js";
import { startDev } from "../harness/dev-server.js";
import { freePort } from "../harness/free-port.js";
import { makeProject } from "../harness/temporary-project.js";

/** A project in which everything is right; tests break one thing of it. */
const right = {
  "queues/emails.ts": "export default async function () {}",
  "api/index.ts": "export const get = () => 'ok';",
};

/** Starts `dev` on a project that it should refuse, and returns what it printed. */
async function refused(files: Record<string, string>, ...args: string[]): Promise<string> {
  const project = makeProject(files);
  const flags = ["--port", String(await freePort()), "--sqs-port", String(await freePort())];
  const { code, stdout, stderr } = await runCommand(["dev", ...flags, ...args], { cwd: project.folder });
  expect(stdout).not.toContain("Dev server listening");
  expect(code).toBe(1);
  return stderr;
}

async function takePort(): Promise<number> {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return port;
}

describe("dev refuses, with what is wrong and how to mend it,", () => {
  it("a port that is taken", async () => {
    const port = await takePort();
    const said = await refused(right, "--port", String(port));
    expect(said).toContain(String(port));
    expect(said).toContain("--port");
  });

  it("an SQS port that is taken", async () => {
    const port = await takePort();
    const said = await refused(right, "--sqs-port", String(port));
    expect(said).toContain(String(port));
    expect(said).toContain("--sqs-port");
  });

  it("a folder that is not there", async () => {
    const said = await refused(right, "--cwd", "no-such-folder");
    expect(said).toContain("no-such-folder");
  });

  it("a folder with nothing to run, naming init", async () => {
    const said = await refused({});
    expect(said).toMatch(/queues\/|api\//);
    expect(said).toContain("init");
  });

  it("two files for one route", async () => {
    const said = await refused({ ...right, "api/index.js": "export const get = () => 'other';" });
    expect(said).toContain("api/index.ts");
    expect(said).toContain("api/index.js");
  });

  it("routes that differ in the name of their parameter alone", async () => {
    const said = await refused({
      ...right,
      "api/orders/[id].ts": "export const get = () => 1;",
      "api/orders/[number].ts": "export const get = () => 2;",
    });
    expect(said).toContain("[id]");
    expect(said).toContain("[number]");
  });

  it("a queue name that SQS refuses", async () => {
    const said = await refused({ ...right, "queues/two words.ts": right["queues/emails.ts"] });
    expect(said).toContain("two words");
  });

  it("a queue that would share its physical name", async () => {
    const handler = right["queues/emails.ts"];
    expect(await refused({ ...right, "queues/a.fifo.ts": handler, "queues/a-fifo.ts": handler })).toContain(
      "a-fifo",
    );
    expect(await refused({ ...right, "queues/emails-dlq.ts": handler })).toContain("emails-dlq");
  });

  it("a timeout that is none, with its line", async () => {
    const said = await refused({
      ...right,
      "queues/slow.ts": 'export default async function () {}\nexport const config = { timeout: "abc" };',
    });
    expect(said).toMatch(/queues\/slow\.ts:2/);
    expect(said).toContain("timeout");
    expect(said).toContain("abc");
  });

  it("a setting that only running the code would tell, with its line", async () => {
    const said = await refused({
      ...right,
      "queues/slow.ts":
        "export default async function () {}\nexport const config = { retries: Number(process.env.N) };",
    });
    expect(said).toMatch(/queues\/slow\.ts:2/);
    expect(said).toContain("retries");
  });

  it("a queue without a handler", async () => {
    const said = await refused({ ...right, "queues/empty.ts": "export const config = { retries: 1 };" });
    expect(said).toContain("queues/empty.ts");
    expect(said).toContain("default");
  });

  it("queue.http of a FIFO queue on a route without [group]", async () => {
    const said = await refused({
      ...right,
      "queues/a.fifo.ts":
        'import { queues } from "queue-run";\nexport const queue = queues.self.fifo();\nexport default async function () {}',
      "api/a.ts": 'import { queue } from "#queues/a.fifo.js";\nexport const post = queue.http;',
    });
    expect(said).toContain("api/a.ts");
    expect(said).toContain("[group]");
  });

  it("every problem of a project at once", async () => {
    const said = await refused({
      "queues/two words.ts": right["queues/emails.ts"],
      "queues/slow.ts": 'export default async function () {}\nexport const config = { timeout: "abc" };',
      "api/index.ts": right["api/index.ts"],
      "api/index.js": right["api/index.ts"],
    });
    for (const part of ["two words", "queues/slow.ts", "api/index.js"]) expect(said).toContain(part);
  });

  it("a syntax error, with its place", async () => {
    const said = await refused({
      ...right,
      "api/broken.ts": "export const get = () => {\n  return 1 +;\n};\n",
    });
    expect(said).toMatch(/api\/broken\.ts:2/);
  });

  it("a second server on the same data", async () => {
    const project = makeProject(right);
    await startDev(project.folder);
    const flags = ["--port", String(await freePort()), "--sqs-port", String(await freePort())];
    const second = await runCommand(["dev", ...flags], { cwd: project.folder });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(".queue-run");
  });
});

it("ends with 2 when it is used wrongly", async () => {
  const project = makeProject(right);
  for (const args of [["dev", "--no-such-flag"], ["no-such-command"], ["dev", "--port", "many"]]) {
    const { code, stderr } = await runCommand(args, { cwd: project.folder });
    expect([args, code]).toEqual([args, 2]);
    expect(stderr).not.toBe("");
  }
});

it("explains itself", async () => {
  const project = makeProject(right);
  const help = await runCommand(["--help"], { cwd: project.folder });
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("dev")]);
  const dev = await runCommand(["dev", "--help"], { cwd: project.folder });
  for (const flag of ["--port", "--sqs-port", "--host", "--fresh", "--sqs-endpoint", "--inspect", "-e"])
    expect(dev.stdout).toContain(flag);
});
