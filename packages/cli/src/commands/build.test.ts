import { readFileSync } from "node:fs";
import { Command } from "commander";
import { expect, onTestFinished, test } from "vitest";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { temporaryProject } from "../project/temporary-project.js";
import { configure } from "./build.js";

async function run(files: Record<string, string>, ...args: string[]) {
  const project = temporaryProject(files);
  onTestFinished(project.dispose);
  const said = { stdout: "", stderr: "" };
  const keep = (name: "stdout" | "stderr") => ({
    write: (text: string) => Object.assign(said, { [name]: said[name] + text }),
  });
  const command = new Command("build").option("--cwd <dir>", "", project.root).exitOverride();
  configure(command, { stdout: keep("stdout"), stderr: keep("stderr"), isTerminal: false, env: {} });
  await command.parseAsync(args, { from: "user" });
  return { ...project, ...said };
}

const FILES = {
  "queues/emails.ts": "export default async function () {} export async function welcome() {}",
  "queues/orders.fifo.ts": "export async function batch() {}",
  "api/orders/[id].ts": "export const get = () => 1; export const del = () => 2;",
  "schedules/daily.ts":
    'export const schedule = "daily at 9:00"; export const config = { timezone: "Europe/Berlin" }; export default () => {};',
};

test("prints routes, queues and schedules with their sizes, and writes the types", async () => {
  const { stdout, path } = await run(FILES);
  expect(stdout).toMatch(/GET DELETE +\/orders\/:id +api\/orders\/\[id\]\.ts +[\d.]+ K?B/);
  expect(stdout).toMatch(/emails +default welcome +queues\/emails\.ts +[\d.]+ KB \([\d.]+ KB gzip\)/);
  expect(stdout).toMatch(/orders\.fifo +batch +queues\/orders\.fifo\.ts/);
  expect(stdout).toMatch(
    /daily +daily at 9:00 \(Europe\/Berlin\) +next (\d{4}-\d\d-\d\d 09:00(, )?){3} +schedules\/daily\.ts +[\d.]+ KB/,
  );
  expect(stdout).toContain("Built 4 functions into .queue-run/build.");
  expect(readFileSync(path(".queue-run/types.d.ts"), "utf8")).toContain('"orders.fifo"');
  expect(readFileSync(path(".queue-run/.gitignore"), "utf8")).toBe("*\n");
}, 60_000);

test("prints the same as JSON, alone on stdout, into the folder that is named", async () => {
  const { stdout, path } = await run(FILES, "--json", "-o", "out/bundles");
  const { name, functions, routes, queues, schedules } = JSON.parse(stdout);
  expect(name).toBe("test-project");
  expect(functions.map(({ id, file }: { id: string; file: string }) => [id, file])).toEqual([
    ["api", path("out/bundles/api/index.mjs")],
    ["queue:emails", path("out/bundles/queue-emails/index.mjs")],
    ["queue:orders.fifo", path("out/bundles/queue-orders-fifo/index.mjs")],
    ["schedule:daily", path("out/bundles/schedule-daily/index.mjs")],
  ]);
  expect([routes.length, queues.length]).toEqual([1, 2]);
  expect(schedules).toMatchObject([{ name: "daily", expression: { cron: "0 9 * * *" } }]);
  const nextRuns: string[] = schedules[0].nextRuns;
  expect(nextRuns).toHaveLength(3);
  expect(Date.parse(nextRuns[0] ?? "")).toBeGreaterThan(Date.now());
}, 60_000);

test("a project with problems is not built; all are told, with the line of the source where it helps", async () => {
  const error = await run({ "queues/a b.ts": FILES["queues/emails.ts"], "queues/c.ts": "" }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProjectProblemsError);
  expect((error as Error).message).toMatch(
    /queues\/a b\.ts .*\n {2}Rename the file.*\[QR_INVALID_QUEUE_NAME\]\n\nqueues\/c\.ts/,
  );
  const broken = await run({ "queues/c.ts": 'import x from "nope";\nexport default async () => x;' }).catch(
    (thrown: unknown) => thrown,
  );
  expect((broken as Error).message).toContain(
    'queues/c.ts:1:15 Could not resolve "nope".\n  1 | import x from "nope";\n                    ^\n',
  );
});
