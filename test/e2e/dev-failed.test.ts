import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

/** Fails for good until it is told otherwise. */
const picky = `
  import { fatal, type JobMetadata } from "queue-run";
  import { note } from "#lib/journal.js";
  export default async function (payload: { ok?: boolean }, { jobId, groupId, attempt }: JobMetadata) {
    if (!payload.ok) throw fatal("the payload is not ok");
    note("ran", { payload, jobId, groupId, attempt });
  }`;

describe("dev failed", () => {
  let project: TemporaryProject;
  let server: DevServer;

  beforeAll(async () => {
    project = makeProject(
      { "lib/journal.ts": journalSource, "queues/picky.ts": picky, "queues/ordered.fifo.ts": picky },
      { keep: true },
    );
    server = await startDev(project.folder, { keep: true });
  });

  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const run = (args: string[], input?: string) =>
    runCommand(["dev", ...args], { cwd: project.folder, input });
  const push = async (queue: string, ...options: string[]) =>
    JSON.parse((await run(["queue", queue, "{}", "--json", ...options])).stdout).jobId as string;
  const list = async (...args: string[]) =>
    JSON.parse((await run(["failed", "ls", "--json", ...args])).stdout) as {
      jobId: string;
      queueName: string;
    }[];
  const listed = (jobId: string) =>
    expect
      .poll(async () => (await list()).map((letter) => letter.jobId), { timeout: 20_000 })
      .toContain(jobId);

  it("lists a job that failed, shows why with the line, and runs it again with another payload", async () => {
    const jobId = await push("picky");
    await listed(jobId);
    const ls = await run(["failed", "ls"]);
    expect(ls.stdout).toMatch(new RegExp(`${jobId} +picky +1 attempts? .*the payload is not ok`));

    const show = await run(["failed", "show", jobId]);
    expect(show.stdout).toContain("the payload is not ok");
    expect(show.stdout).toContain("queues/picky.ts:5");
    expect(JSON.parse((await run(["failed", "show", jobId, "--json"])).stdout)).toMatchObject({
      jobId,
      queueName: "picky",
      payload: {},
      error: { message: expect.stringContaining("the payload is not ok") },
    });

    const edit = await run(["failed", "edit", jobId, '{"ok":true}']);
    expect([edit.code, edit.stdout]).toEqual([0, "Retried 1 job with the new payload.\n"]);
    await expect
      .poll(() => journalOf(project.folder).entries("ran"), { timeout: 10_000 })
      .toMatchObject([{ jobId, payload: { ok: true }, attempt: 1 }]);
    expect(await list()).toEqual([]);
  });

  it("a retried job that fails again is a dead letter again, under the same id", async () => {
    const jobId = await push("picky");
    await listed(jobId);
    expect((await run(["failed", "retry", jobId])).stdout).toBe("Retried 1 job.\n");
    await listed(jobId);
    expect((await run(["failed", "purge", jobId, "--yes"])).code).toBe(0);
    expect(await list()).toEqual([]);
  });

  it("keeps a FIFO group's jobs in order", async () => {
    const first = await push("ordered.fifo", "--group", "g", "--dedupe", "1");
    const second = await push("ordered.fifo", "--group", "g", "--dedupe", "2");
    await listed(second);
    const early = await run(["failed", "retry", second]);
    expect(early.code).toBe(1);
    expect(early.stderr).toContain("an earlier dead letter of its group is still there");
    expect((await run(["failed", "edit", first, '{"ok":true}'])).code).toBe(0);
    expect((await run(["failed", "edit", second, '{"ok":true}'])).code).toBe(0);
    await expect
      .poll(
        () =>
          journalOf(project.folder)
            .entries("ran")
            .flatMap(({ jobId, groupId }) => (groupId === "g" ? [jobId] : [])),
        { timeout: 10_000 },
      )
      .toEqual([first, second]);
  });

  it("says what is missing: the job, which jobs, the queue, a yes, an editor", async () => {
    const jobId = await push("picky");
    await listed(jobId);
    const lines = [
      ["show", "nobody"],
      ["retry"],
      ["ls", "--queue", "pick"],
      ["purge", "--all"],
      ["edit", jobId],
      ["ls", "--limit", "0"],
    ];
    const outcomes = [];
    // One after another: who looks at dead letters holds them for the time of it.
    for (const line of lines) {
      const { code, stderr } = await run(["failed", ...line]);
      outcomes.push([code, stderr]);
    }
    expect(outcomes).toEqual([
      [1, expect.stringContaining("QR_DEAD_LETTER_NOT_FOUND")],
      [2, expect.stringContaining("QR_NOTHING_CHOSEN")],
      [1, expect.stringContaining('Did you mean "picky"?')],
      [2, expect.stringContaining("QR_CONFIRMATION_REQUIRED")],
      [2, expect.stringContaining("QR_NO_EDITOR")],
      [2, expect.stringContaining("at least 1")],
    ]);
    expect((await run(["failed", "purge", "--all", "--yes"])).code).toBe(0);
    expect(await list()).toEqual([]);
    expect((await run(["failed", "ls"])).stdout).toBe("No dead letters.\n");
  });
});
