import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { repository } from "../harness/repository.js";
import { copyProject, makeProject } from "../harness/temporary-project.js";

const vitest = join(repository, "node_modules/vitest/vitest.mjs");
/** Runs a project's tests. */
const runVitest = (cwd: string) =>
  runCommand(["run", "--testTimeout", "30000"], { cwd, bin: vitest, env: { NO_COLOR: "1" } });

const withPlugin = `
  import { queueRun } from "queue-run/vitest";
  export default { plugins: [queueRun()] };
`;

/** What both runners' tests start: a queue that counts in a module of the project's. */
const counting = {
  "lib/count.ts": "export const counts = { jobs: 0 }; export const add = () => { counts.jobs++; };",
  "queues/count.ts": `
    import { queues } from "queue-run";
    import { add } from "#lib/count.js";
    export const queue = queues.self<{ again?: boolean }>();
    export default queue.handler(async ({ again }) => { add(); if (again) await queue.push({}); });
  `,
  "api/index.ts": 'import { queue } from "#queues/count.js"; export const post = queue.http;',
};

describe("queue-run/testing with Vitest", () => {
  const examples = readdirSync(join(repository, "examples")).filter((name) =>
    existsSync(join(repository, "examples", name, "vitest.config.ts")),
  );

  it.each(examples)(
    "runs the tests of examples/%s",
    async (name) => {
      const { code, stdout, stderr } = await runVitest(join(repository, "examples", name));
      expect([stdout, stderr, code]).toEqual([
        expect.stringMatching(/Test Files +1 passed/),
        expect.any(String),
        0,
      ]);
    },
    120_000,
  );

  it("shares modules with the test, and has its mocks", async () => {
    const project = makeProject(
      {
        ...counting,
        "vitest.config.js": withPlugin,
        "test/shared.test.ts": `
          import { startProject } from "queue-run/testing";
          import { queues } from "queue-run";
          import { expect, test } from "vitest";
          import { counts } from "#lib/count.js";
          import { queue } from "#queues/count.js";
          test("shares", async () => {
            const project = await startProject();
            await project.push("count", { again: true });
            await queue.push({});
            await queues("count").push({});
            await project.drain();
            expect(counts.jobs).toBe(4);
            expect(project.pushed()).toHaveLength(4);
            await project.stop();
          });
        `,
        "test/mocked.test.ts": `
          import { startProject } from "queue-run/testing";
          import { expect, test, vi } from "vitest";
          import { add } from "#lib/count.js";
          vi.mock("#lib/count.js", () => ({ add: vi.fn() }));
          test("mocks", async () => {
            const project = await startProject();
            await project.fetch("/", { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
            await project.drain();
            expect(add).toHaveBeenCalledTimes(1);
            await project.stop();
          });
        `,
      },
      { packages: ["vitest"] },
    );
    const { code, stdout, stderr } = await runVitest(project.folder);
    expect([stderr, stdout, code]).toEqual([
      expect.any(String),
      expect.stringMatching(/Test Files +2 passed/),
      0,
    ]);
  }, 120_000);

  it("tells the seed of chaos when a test has failed, and only then", async () => {
    const project = makeProject(
      {
        ...counting,
        "vitest.config.js": withPlugin,
        "test/chaos.test.ts": `
          import { startProject } from "queue-run/testing";
          import { expect, test } from "vitest";
          import { counts } from "#lib/count.js";
          test.each([[11, 0], [12, 2]])("seed %i", async (seed, expected) => {
            counts.jobs = 0;
            const project = await startProject({ chaos: { seed, deliverTwice: 1 } });
            await project.push("count", {});
            await project.drain();
            await project.stop();
            expect(counts.jobs).toBe(expected);
          });
        `,
      },
      { packages: ["vitest"] },
    );
    const { code, stderr } = await runVitest(project.folder);
    expect(stderr).toContain("chaos: { seed: 11 }");
    expect(stderr).not.toContain("seed: 12");
    expect(code).toBe(1);
  }, 120_000);
});

describe("queue-run/testing with Node's own test runner", () => {
  it("runs what the documentation shows", async () => {
    const project = copyProject("test/fixtures/testing");
    const { code, stdout, stderr } = await runCommand(["--test-reporter=spec", "test/sums.test.js"], {
      cwd: project.folder,
      bin: "--test",
    });
    expect([stdout, stderr, code]).toEqual([expect.stringContaining("pass 1"), "", 0]);
  });

  it("starts projects in several processes at once, within 300 ms each", async () => {
    const test = `
      import assert from "node:assert/strict";
      import { test } from "node:test";
      import { startProject } from "queue-run/testing";
      test("counts", async () => {
        const startedAt = performance.now();
        const project = await startProject({ now: "2027-01-01T12:00:00Z" });
        console.log("started in %d ms", Math.round(performance.now() - startedAt));
        const answer = await project.fetch("/", { method: "POST", body: new URLSearchParams({ again: "yes" }) });
        assert.equal(answer.status, 202);
        const { runs, failures } = await project.drain();
        assert.deepEqual([runs.length, failures.length], [2, 0]);
        await project.push("count", {}, { delay: "2d" });
        assert.equal((await project.clock.advance("1 day")).runs.length, 0);
        assert.equal((await project.clock.advance("1 day")).runs.length, 1);
        await project.stop();
      });
    `;
    const files = ["one", "two", "three"].map((name) => `test/${name}.test.mjs`);
    const project = makeProject({ ...counting, ...Object.fromEntries(files.map((file) => [file, test])) });
    const { code, stdout, stderr } = await runCommand(["--test-reporter=spec", ...files], {
      cwd: project.folder,
      bin: "--test",
    });
    expect([stdout, stderr, code]).toEqual([expect.stringContaining("pass 3"), "", 0]);
    const took = [...stdout.matchAll(/started in (\d+) ms/g)].map(([, ms]) => Number(ms));
    console.info(`startProject took ${took.join(", ")} ms`);
    expect(Math.min(...took)).toBeLessThan(300);
  }, 120_000);
});
