import { expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { startDev } from "../harness/dev-server.js";
import { makeProject } from "../harness/temporary-project.js";

const files = {
  "queues/sums.ts": `
    import { queues } from "queue-run";
    export const queue = queues.self<{ numbers: number[] }, number>();
    export const config = { track: true, retries: 0, limits: { pending: 2 } } as const;
    export default queue.handler(({ numbers }) => {
      if (numbers.length === 0) throw new RangeError("Nothing to add");
      return numbers.reduce((sum, number) => sum + number, 0);
    });`,
  "queues/later.ts": `
    import { queues } from "queue-run";
    export const queue = queues.self<null>();
    export const config = { track: true, limits: { pending: 2 } } as const;
    export default queue.handler(() => {});`,
  "script.mjs": `
    import { queues } from "queue-run";
    const sums = queues.get("sums");
    const later = queues.get("later").tag("t").delay("10m");
    const told = (error) => [error.code, error.cause?.name ?? null];
    const jobId = await sums.push({ numbers: [1, 2, 3] });
    const result = await sums.result(jobId);
    const failed = await sums.result(await sums.push({ numbers: [] })).catch(told);
    const waiting = await later.pushAll([null, null]);
    const beyond = await later.push(null).catch(told);
    const inAnHour = await sums.tag("t").delay("1h").push({ numbers: [1] });
    const cancelled = await queues.cancel("t");
    const statuses = await Promise.all([
      sums.status(jobId), sums.status(inAnHour), ...waiting.map((id) => later.status(id)), sums.status("none"),
    ]);
    console.log(JSON.stringify({ result, failed, beyond, cancelled, statuses: statuses.map((job) => job?.status ?? null) }));`,
};

it("a script asks for jobs, awaits their results, and cancels them, with a dev server", async () => {
  const project = makeProject(files);
  const server = await startDev(project.folder);
  const { code, stdout, stderr } = await runCommand(["exec", "--", "node", "script.mjs"], {
    cwd: project.folder,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    result: 6,
    failed: ["QR_JOB_FAILED", "RangeError"],
    beyond: ["QR_PENDING_LIMIT", null],
    cancelled: { cancelled: 3 },
    statuses: ["completed", "cancelled", "cancelled", "cancelled", null],
  });
  await server.stop();
});
