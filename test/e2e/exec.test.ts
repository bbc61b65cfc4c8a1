import { describe, expect, it } from "vitest";
import { runCommand, startCommand } from "../harness/command.js";
import { startDev } from "../harness/dev-server.js";
import { makeStage, startSqs } from "../harness/stage.js";
import { makeProject } from "../harness/temporary-project.js";

const files = {
  "queues/emails.ts": `
    import { queues } from "queue-run";
    export const queue = queues.self<{ to: string }>();
    export default queue.handler(({ to }) => console.log("Sending to %s", to));
    export const remind = () => console.log("Reminding");`,
  "queues/orders.fifo.ts": `
    import { queues } from "queue-run";
    export const queue = queues.self.fifo<{ n: number }>();
    export default queue.handler(() => {});`,
  "script.mjs": `
    import { queues, url } from "queue-run";
    const [to, ...rest] = process.argv.slice(2);
    const id = await queues.get("emails").push({ to });
    await queues.get("orders.fifo").group("g").push({ n: 1 });
    const wrong = await queues.get("email").push({}).catch((error) => error.code + ": " + error.fix);
    const job = await queues.get("emails").job("nothing").push({}).catch((error) => error.code);
    console.log(JSON.stringify({ id, wrong, job, rest, stage: process.env.QUEUE_RUN_STAGE, fromFile: process.env.FROM_FILE ?? null }));`,
  ".env": "FROM_FILE=yes\n",
};
const script = ["--", "node", "script.mjs", "ada", "--flag", "--", "more"];

const told = (stdout: string) => JSON.parse(stdout.trim()) as Record<string, unknown>;

describe("exec, with a dev server", () => {
  it("runs a script whose queues() work, with its arguments and what .env has", async () => {
    const project = makeProject(files);
    const server = await startDev(project.folder);
    const { code, stdout, stderr } = await runCommand(["exec", ...script], { cwd: project.folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(told(stdout)).toEqual({
      id: expect.any(String),
      wrong: expect.stringMatching(/^QR_QUEUE_NOT_FOUND: .*"emails"/),
      job: "QR_JOB_NOT_FOUND",
      rest: ["--flag", "--", "more"],
      stage: "dev",
      fromFile: "yes",
    });
    await server.printed("Sending to ada");
    await server.sqs.drained("orders.fifo");
  });

  it("says what to start where none runs, and pushing without exec says so too", async () => {
    const project = makeProject(files);
    const none = await runCommand(["exec", ...script], { cwd: project.folder });
    expect(none).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("QR_NO_DEV_SERVER") });
    expect(none.stderr).toContain("--stage prod");
    const alone = await runCommand(["ada"], { cwd: project.folder, bin: project.path("script.mjs") });
    expect(alone.code).toBe(1);
    expect(alone.stderr).toContain("QR_NO_PROJECT");
  });
});

describe("exec, with a deployed stage", () => {
  it("pushes into its queues with the credentials that the SDK's chain finds", async () => {
    const { endpoint } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, ["emails", "orders.fifo"]);
    const project = makeProject({
      ...files,
      keys: "[their]\naws_access_key_id = a\naws_secret_access_key = b\n",
    });
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...withoutKeys } = env;
    const profile = { AWS_PROFILE: "their", AWS_SHARED_CREDENTIALS_FILE: project.path("keys") };
    const { code, stdout, stderr } = await runCommand(["exec", "--stage", "prod", ...script], {
      cwd: project.folder,
      env: { ...withoutKeys, ...profile },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(told(stdout)).toMatchObject({ stage: "prod", fromFile: null, job: "QR_JOB_NOT_FOUND" });
    const [email] = await sqs.take("emails", 1);
    expect([email?.Body, email?.MessageId]).toEqual(['{"to":"ada"}', told(stdout).id]);
    await sqs.take("orders.fifo", 1);
  });

  it("takes the queues from a build where there are no sources", async () => {
    const { endpoint } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, ["emails", "orders.fifo"]);
    const project = makeProject(files);
    await runCommand(["build", "-o", "out"], { cwd: project.folder });
    project.remove("queues");
    const args = ["exec", "--stage", "prod", "--build", "out", ...script];
    expect(await runCommand(args, { cwd: project.folder, env })).toMatchObject({ code: 0 });
    await sqs.take("emails", 1);
  });

  it("names what is not deployed, and what AWS says of the credentials", async () => {
    const { endpoint } = await startSqs();
    const { env } = await makeStage(endpoint, ["emails"]);
    const project = makeProject(files);
    const missing = await runCommand(["exec", "--stage", "prod", ...script], { cwd: project.folder, env });
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("test-project-prod-orders.fifo"),
    });
    const nobody = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      HOME: project.folder,
    };
    const refused = await runCommand(["exec", "--stage", "prod", ...script], {
      cwd: project.folder,
      env: nobody,
    });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("QR_AWS_NO_CREDENTIALS") });
    const dev = await runCommand(["exec", "--stage", "dev", ...script], { cwd: project.folder, env });
    expect(dev).toMatchObject({ code: 1, stderr: expect.stringContaining("QR_STAGE_NAME") });
  });
});

describe("exec's script", () => {
  const inStage = async (body: string) => {
    const { endpoint } = await startSqs();
    const { env } = await makeStage(endpoint, ["emails", "orders.fifo"]);
    const project = makeProject({ ...files, "script.mjs": body });
    return { cwd: project.folder, env, args: ["exec", "--stage", "prod", "--", "node", "script.mjs"] };
  };

  it("ends exec with its own exit code", async () => {
    const { args, ...options } = await inStage("process.exitCode = 7;");
    expect(await runCommand(args, options)).toEqual({ code: 7, stdout: "", stderr: "" });
  });

  it("gets the signals that exec gets", async () => {
    const { args, ...options } = await inStage(`
      process.on("SIGTERM", () => { console.log("tidied up"); process.exit(3); });
      setInterval(() => {}, 1000);
      console.log("runs");`);
    const command = startCommand(args, options);
    await command.printed("runs");
    command.signal("SIGTERM");
    expect(await command.ended).toMatchObject({ code: 3 });
    expect(command.stdout()).toContain("tidied up");
  });

  it("whom a signal ends, ends exec as a shell would say it", async () => {
    const { args, ...options } = await inStage(
      'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);',
    );
    expect(await runCommand(args, options)).toMatchObject({ code: 137, stderr: "" });
  });

  it("that does not exist is an error, and none at all is wrong usage", async () => {
    const { cwd, env } = await inStage("");
    const missing = await runCommand(["exec", "--stage", "prod", "--", "no-such-command"], { cwd, env });
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("QR_COMMAND_NOT_FOUND") });
    expect(await runCommand(["exec", "--stage", "prod"], { cwd, env })).toMatchObject({ code: 2 });
  });
});
