import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCommand, startCommand } from "../harness/command.js";
import { freePort } from "../harness/free-port.js";
import { repository } from "../harness/repository.js";
import { makeStage, startSqs } from "../harness/stage.js";
import { copyProject, makeProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const FIXTURE = "test/fixtures/container";

/** The instructions of each stage of a Dockerfile, lines that go on put together. */
function stagesOf(text: string): [instruction: string, argument: string][][] {
  const lines = text
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter(Boolean);
  const stages: [string, string][][] = [];
  for (const line of lines) {
    const [, instruction = "", argument = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (instruction === "FROM") stages.push([]);
    stages.at(-1)?.push([instruction, argument]);
  }
  return stages;
}

/** The words of an instruction in its JSON form: `["node", "-e", "…"]`. */
function wordsOf(stage: [string, string][] | undefined, instruction: string): string[] {
  const argument = stage?.find(([name]) => name === instruction)?.[1] ?? "";
  return JSON.parse(argument.slice(argument.indexOf("["))) as string[];
}

it("the documented Dockerfile's commands build, start, check and stop the project", async () => {
  const [building, running] = stagesOf(readFileSync(join(repository, FIXTURE, "Dockerfile"), "utf8"));
  const { endpoint } = await startSqs();
  const { sqs, env } = await makeStage(endpoint, ["reminders"], { project: "shop" });

  const sources = copyProject(FIXTURE);
  const build = building?.map(([, argument]) => /^npx queue-run (.+)$/.exec(argument)?.[1]).find(Boolean);
  expect(await runCommand(build?.split(" ") ?? [], { cwd: sources.folder })).toMatchObject({ code: 0 });

  const image = makeProject({ "package.json": sources.read("package.json") });
  for (const [name, argument] of running ?? []) {
    const copied = /^--from=build \/app\/(\S+) \.\/(\S+)$/.exec(argument);
    if (name === "COPY" && copied)
      cpSync(sources.path(copied[1] ?? ""), image.path(copied[2] ?? ""), { recursive: true });
  }
  const port = String(await freePort());
  const [command, ...args] = wordsOf(running, "CMD");
  expect(command).toBe("node_modules/.bin/queue-run");
  const process = startCommand(args, { cwd: image.folder, env: { ...env, PORT: port } });
  await process.printed("Listening on port");
  const [, ...check] = wordsOf(running, "HEALTHCHECK");
  const checked = () =>
    execFileSync(
      "node",
      check.map((word) => word.replace("8000", port)),
      { stdio: "pipe" },
    );
  expect(checked().toString()).toBe("");

  mkdirSync(image.path("scripts"));
  const script = "scripts/remind-everybody.mjs";
  cpSync(sources.path(script), image.path(script));
  const pushed = await runCommand(["exec", "--stage", "prod", "--build", "build", "--", "node", script], {
    cwd: image.folder,
    env,
  });
  expect(pushed).toMatchObject({ code: 0, stdout: "3 reminders are queued\n", stderr: "" });
  await waitFor("the reminders", () =>
    ["ada", "grace", "edsger"].every((name) => process.stdout().includes(`Reminding ${name}`)),
  );
  await sqs.drained("reminders");
  process.signal("SIGTERM");
  expect((await process.ended).code).toBe(0);
  expect(checked).toThrow();
});
