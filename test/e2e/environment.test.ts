import { expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { answered, startDev } from "../harness/dev-server.js";
import { makeProject } from "../harness/temporary-project.js";

const files = {
  "api/env/[name].ts": `
    import type { HttpRequest } from "queue-run";
    export const get = ({ params }: HttpRequest<unknown, { name: string }>) => process.env[params.name] ?? "nothing";`,
};

it("takes a variable from ours, -e, the shell, .env: in this order", async () => {
  const project = makeProject({
    ...files,
    ".env":
      'FROM_FILE=file\nFROM_SHELL=file\nFROM_FLAG=file\nQUOTED="two words"\nNODE_ENV=file\nQUEUE_RUN_STAGE=file\n',
  });
  const server = await startDev(project.folder, {
    arguments: ["-e", "FROM_FLAG=flag", "-e", "EQUALS=a=b", "-e", "QUEUE_RUN_STAGE=flag"],
    env: {
      FROM_SHELL: "shell",
      FROM_FLAG: "shell",
      AWS_ACCESS_KEY_ID: "their-own",
      AWS_REGION: "eu-central-1",
    },
  });
  const value = async (name: string) => (await server.fetch(`/env/${name}`)).text();
  expect(await value("FROM_FILE")).toBe("file");
  expect(await value("FROM_SHELL")).toBe("shell");
  expect(await value("FROM_FLAG")).toBe("flag");
  expect(await value("EQUALS")).toBe("a=b");
  expect(await value("QUOTED")).toBe("two words");
  expect(await value("NODE_ENV")).toBe("development");
  expect(await value("QUEUE_RUN_STAGE")).toBe("dev");
  expect(await value("QUEUE_RUN_URL")).toBe(server.url);
  // The user's own credentials reach handlers untouched.
  expect(await value("AWS_ACCESS_KEY_ID")).toBe("their-own");
  expect(await value("AWS_REGION")).toBe("eu-central-1");
});

it("takes up a changed .env", async () => {
  const project = makeProject({ ...files, ".env": "COLOUR=red\n" });
  const server = await startDev(project.folder);
  await answered(server, "/env/COLOUR", "red");
  project.write(".env", "COLOUR=blue\n");
  await answered(server, "/env/COLOUR", "blue");
});

it("warns of a required variable that has no value", async () => {
  const project = makeProject({
    ...files,
    "queue-run.config.ts": 'export default { requiredEnv: ["STRIPE_KEY", "HOME"] };',
  });
  const server = await startDev(project.folder);
  await server.printed("STRIPE_KEY");
  expect(server.command.output()).not.toContain('"HOME"');
});

it("refuses -e without a name", async () => {
  const project = makeProject(files);
  const { code, stderr } = await runCommand(["dev", "-e", "=value"], { cwd: project.folder });
  expect([code, stderr]).toEqual([2, expect.stringContaining("-e")]);
});
