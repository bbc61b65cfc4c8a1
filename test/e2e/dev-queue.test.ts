import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { freePort } from "../harness/free-port.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const noting = (event: string) => `
  import type { JobMetadata } from "queue-run";
  import { note } from "#lib/journal.js";
  export default async function (payload: unknown, { jobId, groupId, dedupeId, job }: JobMetadata) {
    note("${event}", { payload, type: typeof payload, jobId, groupId, dedupeId, job });
  }`;

describe("dev queue", () => {
  let project: TemporaryProject;
  let server: DevServer;

  beforeAll(async () => {
    project = makeProject(
      {
        "lib/journal.ts": journalSource,
        "queues/jobs.ts": `${noting("ran")}
          export async function special(payload: unknown, { job }: JobMetadata) { note("special", { payload, job }); }`,
        "queues/ordered.fifo.ts": noting("ordered"),
      },
      { keep: true },
    );
    server = await startDev(project.folder, { keep: true });
  });

  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const push = (args: string[], input?: string) =>
    runCommand(["dev", "queue", ...args], { cwd: project.folder, input });
  const ran = async (payload: unknown, event = "ran") => {
    await expect
      .poll(
        () =>
          journalOf(project.folder)
            .entries(event)
            .map((entry) => entry.payload),
        { timeout: 10_000 },
      )
      .toContainEqual(payload);
    return journalOf(project.folder)
      .entries(event)
      .find((entry) => JSON.stringify(entry.payload) === JSON.stringify(payload));
  };

  it("pushes JSON, text, a file, standard input, and nothing", async () => {
    const pushed = await push(["jobs", '{"from":"argument"}']);
    expect([pushed.code, pushed.stderr]).toEqual([0, ""]);
    const job = await ran({ from: "argument" });
    expect(pushed.stdout).toContain(String(job?.jobId));
    expect((await push(["jobs", "plain text"])).code).toBe(0);
    await ran("plain text");
    project.write("payload.json", '{"from":"file"}');
    expect((await push(["jobs", "@payload.json"])).code).toBe(0);
    await ran({ from: "file" });
    expect((await push(["jobs", "-"], '{"from":"input"}')).code).toBe(0);
    await ran({ from: "input" });
    expect((await push(["jobs"])).code).toBe(0);
    await ran(null);
  });

  it("passes group, dedupe and job on", async () => {
    expect((await push(["ordered.fifo", '{"n":1}', "--group", "g", "--dedupe", "d"])).code).toBe(0);
    expect(await ran({ n: 1 }, "ordered")).toMatchObject({ groupId: "g", dedupeId: "d" });
    expect((await push(["jobs", '{"n":2}', "--job", "special"])).code).toBe(0);
    expect(await ran({ n: 2 }, "special")).toMatchObject({ job: "special" });
  });

  it("tells what is wrong: no such queue (with the nearest), FIFO without a group, a bad delay, no such file", async () => {
    const unknown = await push(["job", "{}"]);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("jobs")]);
    const groupless = await push(["ordered.fifo", "{}"]);
    expect([groupless.code, groupless.stderr]).toEqual([1, expect.stringContaining("--group")]);
    const delay = await push(["jobs", "{}", "--delay", "soon"]);
    expect(delay.code).not.toBe(0);
    expect(delay.stderr).toContain("soon");
    const file = await push(["jobs", "@missing.json"]);
    expect(file.code).not.toBe(0);
    expect(file.stderr).toContain("missing.json");
  });
});

it("says how to start the server where none runs", async () => {
  const project = makeProject({ "queues/jobs.ts": "export default async function () {}" });
  const args = ["dev", "queue", "jobs", "{}", "--port", String(await freePort())];
  const { code, stderr } = await runCommand(args, { cwd: project.folder });
  expect([code, stderr]).toEqual([1, expect.stringContaining("queue-run dev")]);
});
