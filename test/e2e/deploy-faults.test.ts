import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startCommand } from "../harness/command.js";
import { type Deployed, type DeployOptions, deployInProcess } from "../harness/deploy-in-process.js";
import { deployedStage } from "../harness/deployed-stage.js";
import { type StageDump, type StageDumper, startStageDumper } from "../harness/dump-stage.js";
import { motoMissing } from "../harness/moto.js";
import type { CallName } from "../harness/moto-proxy/call.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { type PackagedProject, packageProject } from "../harness/packaged-project.js";
import { randomFrom } from "../harness/random.js";
import { type ComparableStage, comparable } from "../harness/stage-comparison.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = motoMissing();
if (missing) console.log(`Faults while deploying are not tried: ${missing}.`);

/** A number is how many faults of each change are tried, chosen anew by each seed. */
const FEW = "1";
/** "all" takes more than an hour; "2/8" the second eighth of all. */
const { DEPLOY_FAULTS = FEW } = process.env;
const [, share, shares] = /^(\d+)\/(\d+)$/.exec(DEPLOY_FAULTS === "all" ? "1/1" : DEPLOY_FAULTS) ?? [];
const isThorough = shares !== undefined;
const isOurs = (_: unknown, index: number) => index % Number(shares) === Number(share) - 1;
const SAMPLE = Number(DEPLOY_FAULTS);
/** Moto goes through all that it has at every list: so many stages are put into one. */
const STAGES_AT_ONCE = 16;
/** So many calls of each name stand for the others, where a change asks the same again and again. */
const ALIKE = 2;

const EMAILS = 'export default async function (payload: unknown) { console.log("first", payload); }\n';
const DAILY = "export default async function () {}\n";
const BASE = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "queues/emails.ts": EMAILS,
  "queues/orders.fifo.ts": "export default async function (payload: unknown) { console.log(payload); }\n",
  "schedules/daily.ts": `export const schedule = "daily at 4:00";\n${DAILY}`,
  "api/index.ts": 'export const get = () => "home";\n',
  "socket/index.ts": `import { queues, socket } from "queue-run";
export default async function () { await queues("emails").push(1); await socket.send("ok"); }
`,
};
/** What the project is changed to; null: the file goes. */
const CHANGES: Record<string, Record<string, string | null>> = {
  base: {},
  "new code": { "queues/emails.ts": EMAILS.replace("first", "second") },
  "other settings": {
    "queues/emails.ts": `${EMAILS}export const config = { timeout: 30, concurrency: 20, retention: "2d" };\n`,
    "schedules/daily.ts": `export const schedule = "daily at 5:00";\n${DAILY}`,
  },
  // The queue of orders has a message in it, so that it has to stay.
  "removed files": {
    "queues/emails.ts": null,
    "queues/orders.fifo.ts": null,
    "schedules/daily.ts": null,
    "socket/index.ts": null,
  },
};

/** What goes wrong at the k-th call, and how often each call is tried. */
type FaultKind = { name: string; attempts: number; plan: (aws: Aws, k: number) => void };
const FAULTS: FaultKind[] = [
  { name: "refused", attempts: 8, plan: (aws, k) => aws.failAt(k, "refuse") },
  { name: "its answer lost", attempts: 8, plan: (aws, k) => aws.failAt(k, "lose-answer") },
  { name: "reset", attempts: 8, plan: (aws, k) => aws.failAt(k, "reset") },
  {
    name: "denied",
    attempts: 8,
    plan: (aws, k) => aws.failAt(k, { code: "AccessDeniedException", message: "You may not", status: 403 }),
  },
  // As AWS sees it when a process dies: nothing comes any more, not even the lease given back.
  {
    name: "the last before it",
    attempts: 1,
    plan: (aws, k) => aws.failAt(k, "refuse", { times: Number.POSITIVE_INFINITY }),
  },
  {
    name: "the last after it",
    attempts: 1,
    plan(aws, k) {
      aws.failAt(k, "lose-answer");
      aws.failAt(k + 1, "refuse", { times: Number.POSITIVE_INFINITY });
    },
  },
];

/** A change of a stage, and what came of it when nothing went wrong. */
type Change = {
  from: string | null;
  to: string;
  options: DeployOptions;
  calls: { name: CallName; writes: boolean }[];
  /** What the stage is then, without what differs from stage to stage. */
  end: ComparableStage;
};

describe.skipIf(missing !== null)("a fault at any call of a deploy", () => {
  let aws: Aws;
  let dumper: StageDumper;
  let project: TemporaryProject;
  let sqs: SQSClient;
  /** What happens before a call has any effect. */
  let before: (name: string) => Promise<void> | void = () => {};
  const packaged = new Map<string, PackagedProject>();
  const random = randomFrom();

  beforeAll(async () => {
    project = makeProject(BASE, { keep: true });
    for (const [name, files] of Object.entries(CHANGES)) {
      for (const [file, content] of Object.entries({ ...BASE, ...files })) {
        if (content === null) project.remove(file);
        else project.write(file, content);
      }
      packaged.set(name, await packageProject(project.folder));
    }
    for (const [file, content] of Object.entries(BASE)) project.write(file, content);
    console.log(`Faults while deploying: SEED=${random.seed}`);
  }, 120_000);
  afterAll(() => project?.dispose());
  beforeEach(startAnew);
  afterEach(stop);

  /** Starts moto with nothing in it. */
  async function startAnew(): Promise<void> {
    aws = await startAws({ onCall: ({ name }) => before(name) });
    dumper = startStageDumper(aws);
    sqs = new SQSClient({
      endpoint: aws.motoEndpoint,
      region: aws.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  }

  async function stop(): Promise<void> {
    dumper?.stop();
    sqs?.destroy();
    await aws?.stop();
  }

  const optionsFor = (to: string): DeployOptions => ({ prune: to === "removed files" });

  function deploy(to: string, stage: string, options: DeployOptions = optionsFor(to)): Promise<Deployed> {
    const built = packaged.get(to);
    if (!built) throw new Error(`${to} is not packaged`);
    return deployInProcess(aws, built, stage, options);
  }

  async function putMessage(stage: string): Promise<void> {
    const QueueUrl = `${aws.motoEndpoint}/${aws.account}/shop-${stage}-orders.fifo`;
    const message = { MessageBody: "1", MessageGroupId: "a", MessageDeduplicationId: "1" };
    await sqs.send(new SendMessageCommand({ QueueUrl, ...message }));
  }

  /** Makes a change with nothing going wrong. */
  async function undisturbed(from: string | null, to: string, stage: string): Promise<Change> {
    aws.forget();
    const { error } = await deploy(to, stage);
    if (error) throw error;
    const calls = aws.calls();
    const end = comparable(await dumper.dump("shop", stage), "shop", stage, aws);
    if (from === null) await putMessage(stage);
    return { from, to, options: optionsFor(to), calls, end };
  }

  /** Makes a change with something going wrong, then again with nothing; and looks at the stage each time. */
  async function disturbed(
    change: Change,
    stage: string,
    before: StageDump | null,
    k: number,
    fault: FaultKind,
  ): Promise<StageDump> {
    const what = `SEED=${random.seed} stage ${stage}, ${change.from ?? "nothing"} to ${change.to}: call ${k} (${change.calls[k - 1]?.name}) ${fault.name}`;
    if (DEPLOY_FAULTS !== FEW) console.log(what);
    aws.clearFaults();
    fault.plan(aws, k);
    const first = await deploy(change.to, stage, { ...change.options, attempts: fault.attempts });
    aws.clearFaults();
    if (first.error && before) expectServing(await dumper.dump("shop", stage), before, change, stage, what);
    if (first.error) {
      await deployedStage(aws, `shop-${stage}`)
        .endLease()
        // It did not come so far that there is one.
        .catch(() => {});
      const second = await deploy(change.to, stage);
      expect(second.error, `${what}: deploying again`).toBeNull();
    }
    const third = await deploy(change.to, stage, {});
    expect([third.error, third.result], `${what}: once more`).toEqual([null, "nothing to change"]);
    const end = await dumper.dump("shop", stage);
    expect(comparable(end, "shop", stage, aws), what).toEqual(change.end);
    return end;
  }

  /** What served before serves still, or what is to serve does, with all that it needs. */
  function expectServing(
    now: StageDump,
    before: StageDump,
    { end }: Change,
    stage: string,
    what: string,
  ): void {
    const wanted = end.functions;
    const seen = comparable(now, "shop", stage, aws).functions;
    const served = comparable(before, "shop", stage, aws).functions;
    for (const [name, was] of Object.entries(served)) {
      const is = seen[name];
      // Removed, which only pruning does.
      if (!is && !wanted[name]) continue;
      const versionOf = ({ functions }: StageDump) => functions[`shop-${stage}${name.slice(1)}`]?.version;
      const isAsItWas = versionOf(now) === versionOf(before);
      expect(is?.live, `${what}: ${name} serves`).toEqual(isAsItWas ? was.live : wanted[name]?.live);
      expect([is?.url, is?.policy], `${what}: ${name} is reached`).toEqual([was.url, was.policy]);
      expect(is?.recursion).toEqual(was.recursion);
      for (const mapping of is?.mappings ?? []) expect(mapping, what).toMatchObject({ State: "Enabled" });
      if (wanted[name]) expect(is?.mappings.length, what).toBe(was.mappings.length);
    }
    const orders = `shop-${stage}-orders.fifo`;
    const waiting = (dump: StageDump) => dump.queues[orders]?.attributes.ApproximateNumberOfMessages;
    expect(waiting(now), `${what}: messages`).toBe(waiting(before));
  }

  /** The calls at which something goes wrong, from 1, each with what does. */
  function faultsOf({ calls, from }: Change): [k: number, fault: FaultKind][] {
    const seen = new Map<string, number>();
    const all = calls.map(({ name }, index) => {
      const nth = (seen.get(name) ?? 0) + 1;
      seen.set(name, nth);
      return { k: index + 1, nth };
    });
    const isFew = calls.length < 120;
    const pairs = all
      .filter(({ nth }) => isFew || nth <= ALIKE)
      .flatMap(({ k }) => FAULTS.map((fault): [number, FaultKind] => [k, fault]));
    if (isThorough) return pairs.filter(isOurs);
    const size = Math.min(pairs.length, from === null ? 2 * SAMPLE : SAMPLE);
    return Array.from({ length: size }, () => pairs.splice(random.between(0, pairs.length - 1), 1)).flat();
  }

  let stages = 0;
  const newStage = () => `s${++stages}`;

  test("of the first one: the next makes what there would have been", { timeout: 7_200_000 }, async () => {
    const change = await undisturbed(null, "base", newStage());
    const faults = faultsOf(change);
    for (const [index, [k, fault]] of faults.entries()) {
      if (index > 0 && index % STAGES_AT_ONCE === 0) await stop().then(startAnew);
      await disturbed(change, newStage(), null, k, fault);
    }
    expect(faults.length).toBeGreaterThan(0);
  });

  test.each(["new code", "other settings", "removed files"])(
    "of one with %s, and back: what served goes on, and the next ends as it would have",
    { timeout: 7_200_000 },
    async (to) => {
      const example = newStage();
      await undisturbed(null, "base", example);
      const there = await undisturbed("base", to, example);
      const back = await undisturbed(to, "base", example);
      const stage = newStage();
      await undisturbed(null, "base", stage);
      let now = await dumper.dump("shop", stage);
      const faults = { there: faultsOf(there), back: faultsOf(back) };
      const rounds = Math.max(faults.there.length, faults.back.length);
      for (let round = 0; round < rounds; round++) {
        for (const [change, list] of [
          [there, faults.there],
          [back, faults.back],
        ] as const) {
          const [k, fault] = list[round % list.length] ?? [1, FAULTS[0] as FaultKind];
          now = await disturbed(change, stage, now, k, fault);
        }
      }
      expect(rounds).toBeGreaterThan(0);
    },
  );

  test("the process ends before a call: the next makes what there would have been", {
    timeout: 7_200_000,
  }, async () => {
    const { calls, end } = await undisturbed(null, "base", newStage());
    const names = [...new Set(calls.filter(({ writes }) => writes).map(({ name }) => name))];
    const fatal = isThorough ? names.filter(isOurs) : [names[random.between(0, names.length - 1)]];
    for (const name of fatal) {
      const stage = newStage();
      const what = `SEED=${random.seed} stage ${stage}: killed before ${name}`;
      const command = startCommand(["deploy", "--stage", stage, "--yes"], {
        cwd: project.folder,
        env: aws.env,
      });
      before = async (called) => {
        if (called !== name) return;
        command.signal("SIGKILL");
        await command.ended;
      };
      expect(await command.ended, what).toMatchObject({ signal: "SIGKILL" });
      before = () => {};
      await deployedStage(aws, `shop-${stage}`)
        .endLease()
        // Killed before there was one.
        .catch(() => {});
      const { error } = await deploy("base", stage);
      expect(error, what).toBeNull();
      expect(comparable(await dumper.dump("shop", stage), "shop", stage, aws), what).toEqual(end);
    }
    expect(names.length).toBeGreaterThan(15);
  });
});
