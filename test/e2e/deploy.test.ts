import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deferred } from "../../packages/cli/src/dev/deferred.js";
import { runCommand, startCommand } from "../harness/command.js";
import { deployedStage } from "../harness/deployed-stage.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { makeProject } from "../harness/temporary-project.js";

const missing = motoMissing();
if (missing) console.log(`Deploying is not tried: ${missing}.`);

const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "queues/emails.ts": 'export default async function (payload: unknown) { console.log("first", payload); }\n',
  "queues/orders.fifo.ts": "export default async function (payload: unknown) { console.log(payload); }\n",
  "api/index.ts": 'export const get = () => "home";\n',
};

// Each runs the command line several times.
describe.skipIf(missing !== null)("deploy", { timeout: 180_000 }, () => {
  let aws: Aws;
  /** What happens before a call of the command's has any effect. */
  let before: (name: string) => Promise<void> | void = () => {};
  let stages = 0;

  beforeAll(async () => {
    aws = await startAws({ onCall: ({ name }) => before(name) });
  });
  afterAll(() => aws?.stop());

  /** A stage of its own for each test: they share an account. */
  function newStage(files: Record<string, string> = FILES) {
    stages += 1;
    const stage = `stage${stages}`;
    const project = makeProject(files);
    const options = { cwd: project.folder, env: aws.env, deadlineMs: 50_000 };
    const deploy = (...flags: string[]) =>
      runCommand(["deploy", "--stage", stage, "--yes", ...flags], options);
    const start = () => startCommand(["deploy", "--stage", stage, "--yes"], options);
    return { stage, project, deploy, start, ...deployedStage(aws, `shop-${stage}`) };
  }

  /** @returns calls that change something, without those to the stage's own table */
  const writes = () =>
    aws
      .calls()
      .filter((call) => call.writes)
      .map(({ name }) => name);

  test("from nothing; again, nothing changes, in at most ten calls", async () => {
    const { stage, deploy, live } = newStage();
    const first = await deploy();
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/create queue shop-\w+-orders\.fifo/);
    expect(first.stdout).toMatch(new RegExp(`Deployed shop ${stage} [^]*https://\\S+\\.lambda-url\\.`));
    expect(Object.keys(await live())).toEqual(["api", "queue-emails", "queue-orders-fifo"]);
    expect(
      aws.eventSourceMappings().filter(({ EventSourceArn }) => EventSourceArn.includes(stage)),
    ).toHaveLength(2);

    aws.forget();
    const second = await deploy();
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(second.stdout).toContain("Nothing to change.");
    expect(writes()).toEqual([]);
    expect(aws.calls().length).toBeLessThanOrEqual(10);

    const refreshed = await deploy("--refresh");
    expect(refreshed.stdout).toContain("Nothing to change.");
  });

  test("uploads the code that changed, and nothing else", async () => {
    const { project, deploy, live } = newStage();
    await deploy();
    const before = await live();
    project.write("queues/emails.ts", FILES["queues/emails.ts"].replace("first", "second"));
    aws.forget();
    const { code, stdout } = await deploy();
    expect(code).toBe(0);
    expect(stdout).toMatch(/upload code of function shop-\w+-queue-emails/);
    expect(writes().filter((name) => name.startsWith("lambda:"))).toEqual([
      "lambda:UpdateFunctionCode",
      "lambda:PublishVersion",
      "lambda:UpdateAlias",
    ]);
    expect(await live()).toEqual({ ...before, "queue-emails": "2" });
  });

  test("changes the settings that changed, with no upload", async () => {
    const { project, deploy } = newStage();
    await deploy();
    project.write("queues/emails.ts", `${FILES["queues/emails.ts"]}export const config = { timeout: 30 };\n`);
    const planned = await deploy("--dry-run", "--json");
    const { result, steps } = JSON.parse(planned.stdout);
    expect(result).toBe("planned");
    const changes = steps.flatMap((step: { changes: unknown[] }) => step.changes);
    expect(changes).toContainEqual({ setting: "timeout (seconds)", from: "310", to: "40" });
    aws.forget();
    const done = JSON.parse((await deploy("--json")).stdout);
    expect(done).toMatchObject({ result: "deployed", error: null });
    expect(done.steps.every(({ status }: { status: string }) => status === "done")).toBe(true);
    expect(done.steps.map(({ id }: { id: string }) => id)).toEqual(steps.map(({ id }: { id: string }) => id));
    expect(writes()).not.toContain("lambda:CreateFunction");
  });

  test("a dry run changes nothing, and needs no --yes", async () => {
    const { project, stage } = newStage();
    aws.forget();
    const options = { cwd: project.folder, env: aws.env };
    const { code, stdout } = await runCommand(["deploy", "--stage", stage, "--dry-run"], options);
    expect({ code, writes: writes() }).toEqual({ code: 0, writes: [] });
    expect(stdout).toContain("Nothing was changed");
    const refused = await runCommand(["deploy", "--stage", stage], options);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--yes");
  });

  test("values of variables are nowhere in what is printed", async () => {
    const { deploy } = newStage();
    const secret = "a-value-that-nobody-may-read";
    const { stdout, stderr } = await deploy("-e", `API_KEY=${secret}`, "--json");
    expect(JSON.parse(stdout).result).toBe("deployed");
    expect(stdout + stderr).not.toContain(secret);
    const changed = await deploy("-e", "API_KEY=another-value-of-it");
    expect(changed.stdout).toMatch(/API_KEY: set → set anew/);
    expect(changed.stdout + changed.stderr).not.toContain("value-of-it");
  });

  test("of two at once, the second says who is at work, and changes nothing", async () => {
    const { start, deploy } = newStage();
    const released = deferred();
    const reached = deferred();
    before = (name) => {
      if (name !== "lambda:CreateFunction") return;
      reached.resolve();
      return released.promise;
    };
    const first = start();
    await reached.promise;
    before = () => {};
    const second = await deploy();
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      /Another deploy of this stage is running: by arn:aws:sts::123456789012\S+ on \S+, since \d{4}-/,
    );
    expect(second.stderr).toContain("QR_DEPLOY_IN_PROGRESS");
    released.resolve();
    expect(await first.ended).toMatchObject({ code: 0 });
    const third = await deploy();
    expect(third.stdout).toContain("Nothing to change.");
  });

  test.each(["lambda:CreateFunction", "lambda:CreateAlias", "lambda:CreateEventSourceMapping"] as const)(
    "killed before %s, the next one carries on once the lease has ended",
    async (fatal) => {
      const { start, deploy, live, endLease } = newStage();
      let victim: ReturnType<typeof start> | null = null;
      before = async (name) => {
        if (name !== fatal || !victim) return;
        victim.signal("SIGKILL");
        await victim.ended;
      };
      victim = start();
      expect(await victim.ended).toMatchObject({ signal: "SIGKILL" });
      before = () => {};
      const refused = await deploy();
      expect(refused.stderr).toContain("QR_DEPLOY_IN_PROGRESS");
      await endLease();
      expect(await deploy()).toMatchObject({ code: 0, stderr: "" });
      expect(Object.keys(await live())).toHaveLength(3);
      expect((await deploy("--refresh")).stdout).toContain("Nothing to change.");
    },
  );

  test("Ctrl-C lets what is under way end, and the next one carries on", async () => {
    const { start, deploy } = newStage();
    let victim: ReturnType<typeof start> | null = null;
    before = async (name) => {
      if (name !== "lambda:CreateFunction") return;
      victim?.signal("SIGINT");
      await victim?.printed("Stopping when what is under way has ended");
    };
    victim = start();
    expect(await victim.ended).toMatchObject({ code: 1 });
    before = () => {};
    expect(victim.stderr()).toMatch(/The deploy was stopped: \d+ of \d+ steps were done/);
    expect(await deploy()).toMatchObject({ code: 0, stderr: "" });
    expect((await deploy("--refresh")).stdout).toContain("Nothing to change.");
  });

  test("a refused call names the step, the action and the resource; what was live stays so", async () => {
    const { project, deploy, live } = newStage();
    await deploy();
    const served = await live();
    project.write("queues/emails.ts", FILES["queues/emails.ts"].replace("first", "second"));
    const message =
      "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: lambda:PublishVersion on resource: arn:aws:lambda:us-east-1:123456789012:function:x because no identity-based policy allows the lambda:PublishVersion action";
    aws.failAt(
      1,
      { code: "AccessDeniedException", message, status: 403 },
      { match: "lambda:PublishVersion" },
    );
    const { code, stderr } = await deploy();
    aws.clearFaults();
    expect(code).toBe(1);
    expect(stderr).toMatch(/could not publish version of function shop-\w+-queue-emails/);
    expect(stderr).toContain(
      "Allow the action lambda:PublishVersion on arn:aws:lambda:us-east-1:123456789012:function:x",
    );
    expect(await live()).toEqual(served);
    expect(await deploy()).toMatchObject({ code: 0 });
    expect(await live()).toEqual({ ...served, "queue-emails": "2" });
  });

  test("another's resource of the same name is left alone", async () => {
    const { stage, deploy, makeForeignQueue } = newStage();
    await makeForeignQueue("emails");
    aws.forget();
    const { code, stderr } = await deploy();
    expect({ code, writes: writes() }).toEqual({ code: 1, writes: [] });
    expect(stderr).toContain(`shop-${stage}-emails`);
  });
});
