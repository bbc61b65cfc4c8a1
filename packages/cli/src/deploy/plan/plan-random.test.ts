import { describe, expect, test } from "vitest";
import { createSeededRandom } from "../../local-sqs/broker/random.js";
import type { DesiredState } from "../desired/desired-state.js";
import { EVERYBODY } from "../desired/invokers.js";
import { nameInArn } from "../desired/resource-arns.js";
import { deployToModel, type ModelDeployOptions } from "../testing/model-deploy.js";
import { emptyStage, type ModelStage, readModel } from "../testing/model-stage.js";
import { type Chance, chanceFrom, randomProject } from "../testing/random-project.js";
import { missingNeeds, type Needs, needsOf } from "../testing/stage-needs.js";
import { testDesired } from "../testing/test-project.js";
import { desiredFromRecord } from "./from-record.js";
import { addressesOf, knownAddresses } from "./known-addresses.js";
import { plan } from "./plan.js";
import type { Operation, Step } from "./step.js";

const RUNS = Number(process.env.PLAN_RUNS ?? 96);
const FIRST_SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** What the code that serves needs, by name of function; it is another's when the alias moves. */
type Serving = Map<string, Needs>;

/** One deploy, whole or not, during which everything that serves has what it needs, whatever step it has come to. */
function deploy(
  stage: ModelStage,
  desired: DesiredState,
  serving: Serving,
  chance: Chance,
  options: ModelDeployOptions,
): void {
  const byName = new Map(desired.functions.map((fn) => [fn.physicalName, fn]));
  const actual = readModel(stage, desired, options);
  const { steps } = plan(desired, actual, { prune: false, refresh: false, ...options });
  const switched = new Set(
    steps.flatMap(({ operation }) =>
      "functionName" in operation && /alias/.test(operation.type) ? operation.functionName : [],
    ),
  );
  // Code that serves on is to need what the project says now: in between, what both say must be there.
  for (const [name, fn] of byName) {
    const before = serving.get(name);
    if (before && !switched.has(name)) serving.set(name, common(before, needsOf(fn, desired)));
  }
  // An API that is made anew has an address that no version before it can know, and no role that was there.
  if (!stage.socketApi)
    for (const [name, needs] of serving) {
      const statements = needs.statements.filter(
        ({ Action }) => ![Action].flat().includes("execute-api:ManageConnections"),
      );
      serving.set(name, { ...needs, withSocketUrl: false, statements });
    }
  const consumed = stage.mappings.map(({ queueArn }) => nameInArn(queueArn));
  deployToModel(stage, desired, {
    ...options,
    choose: (candidates) => chance.pick(candidates),
    onStep(step, outcome) {
      if (outcome === "done") noteSwitch(step);
      if (step.operation.type === "delete-empty-queue" && outcome === "done") noteRemoval(step.operation);
      for (const [name, needs] of serving) {
        const missing = missingNeeds(stage, name, needs);
        if (missing.length > 0)
          throw new Error(`After ${step.phase} ${step.id}, ${name} lacks ${missing.join(", ")}.`);
      }
    },
  });
  for (const name of consumed.filter((each) => options.full?.has(each))) {
    const mapping = stage.mappings.find(({ queueArn }) => nameInArn(queueArn) === name);
    const consumer = stage.functions.get(mapping?.functionArn.split(":")[6] ?? "");
    if (!stage.queues.has(name) || !consumer?.live) throw new Error(`Nobody handles what waits in ${name}.`);
  }

  function noteRemoval({
    queue,
    deadLetterQueue,
    fedBy,
  }: Extract<Operation, { type: "delete-empty-queue" }>): void {
    for (const name of [queue, deadLetterQueue ?? "", ...fedBy])
      expect(options.full?.has(name), `${name} goes with messages in it`).not.toBe(true);
    // Of queues whose jobs push to each other one goes first; nothing is left that the others' code could do.
    for (const { queueArn, functionArn } of stage.mappings)
      if (fedBy.includes(nameInArn(queueArn))) serving.delete(functionArn.split(":")[6] ?? "");
  }

  function noteSwitch({ operation, phase }: Step): void {
    if (operation.type !== "create-alias" && operation.type !== "update-alias") return;
    const fn = byName.get(operation.functionName);
    // An alias that is made in order to learn the address is not open yet.
    if (fn && phase === "switch") serving.set(operation.functionName, needsOf(fn, desired));
  }
}

function common(one: Needs, other: Needs): Needs {
  const both = <T>(a: readonly T[], b: readonly T[]) => {
    const texts = new Set(b.map((each) => JSON.stringify(each)));
    return a.filter((each) => texts.has(JSON.stringify(each)));
  };
  const denied = [...one.statements, ...other.statements].filter(({ Effect }) => Effect === "Deny");
  return {
    statements: [...both(one.statements, other.statements), ...denied],
    queues: both(one.queues, other.queues),
    batchSize:
      one.batchSize === null || other.batchSize === null ? null : Math.max(one.batchSize, other.batchSize),
    withUrl: one.withUrl && other.withUrl,
    withSocketUrl: one.withSocketUrl && other.withSocketUrl,
    delayGroup: one.delayGroup === other.delayGroup ? one.delayGroup : null,
  };
}

describe("any deploys, each whole, dead or failed at any step", { timeout: RUNS * 1_000 }, () => {
  test.each(Array.from({ length: 8 }, (_, part) => part))("part %i", (part) => {
    for (let run = part; run < RUNS; run += 8) {
      const seed = FIRST_SEED + run;
      try {
        checkSeed(seed);
      } catch (error) {
        throw new Error(`SEED=${seed} PLAN_RUNS=1`, { cause: error });
      }
    }
  });
});

/** A deploy as it is recorded: without values of variables. */
type Recorded = { desired: DesiredState; versions: Record<string, string> };

function record(stage: ModelStage, desired: DesiredState): Recorded {
  const functions = desired.functions.map((fn) => ({
    ...fn,
    environment: { ...fn.environment, variables: {} },
  }));
  const versions = desired.functions.map(({ id, physicalName }) => [
    id,
    stage.functions.get(physicalName)?.live ?? "",
  ]);
  return { desired: { ...desired, functions }, versions: Object.fromEntries(versions) };
}

/** What a stage is to be to serve a recorded deploy again; null where a version of it is gone. */
function recalled(stage: ModelStage, { desired, versions }: Recorded): DesiredState | null {
  const found = desired.functions.map(({ id, physicalName }) => {
    const all = stage.functions.get(physicalName)?.versions ?? [];
    return [id, all.find(({ version }) => version === versions[id]) ?? null];
  });
  const addresses = addressesOf(knownAddresses(desired, readModel(stage, desired, { refresh: true })));
  const recorded = { desired, versions, found: Object.fromEntries(found), parameter: { KEY_A: "3" } };
  const made = desiredFromRecord({ ...recorded, addresses });
  return made.problems.length > 0 ? null : made.desired;
}

/** Serves an earlier deploy again, sometimes by halves, with the variables of today. */
function goBack(stage: ModelStage, recorded: Recorded, serving: Serving, chance: Chance): void {
  const desired = recalled(stage, recorded);
  if (!desired) return;
  const isWhole = chance.chance(0.7);
  deploy(stage, desired, serving, chance, {
    isGoingBack: true,
    ...(!isWhole && { steps: Math.floor(chance.next() * 20), dies: chance.chance(0.7) }),
  });
  if (!isWhole) return;
  const again = recalled(stage, recorded);
  if (!again) throw new Error("A version that serves is gone.");
  const { steps } = plan(again, readModel(stage, again, { refresh: true }), {
    prune: false,
    refresh: true,
    isGoingBack: true,
  });
  expect(steps.map(({ id, changes }) => ({ id, changes }))).toEqual([]);
  expectServing(stage, again);
}

function checkSeed(seed: number): void {
  const chance = chanceFrom(createSeededRandom(seed).next);
  const stage = emptyStage();
  const serving: Serving = new Map();
  const records: Recorded[] = [];
  for (let count = chance.pick([0, 1, 2, 3, 4]); count > 0; count--) {
    const isWhole = chance.chance(0.4);
    // The list of tags lags: it may lack some of what is there, and still hold what is gone.
    const arns = readModel(stage, testDesired({})).tagged.map(({ arn }) => arn);
    stage.unlisted = new Set(chance.some(arns, 0.1));
    const names = [...stage.queues.keys()];
    const project = testDesired(randomProject(chance));
    deploy(stage, project, serving, chance, {
      prune: chance.chance(0.3),
      refresh: chance.chance(0.2),
      full: new Set(chance.some(names, 0.3)),
      ...(!isWhole && { steps: Math.floor(chance.next() * 40), dies: chance.chance(0.7) }),
    });
    if (isWhole) records.push(record(stage, project));
    if (records.length > 0 && chance.chance(0.3)) goBack(stage, chance.pick(records), serving, chance);
  }
  const desired = testDesired(randomProject(chance));
  const prune = chance.chance(0.5);
  deploy(stage, desired, serving, chance, { prune });
  for (const refresh of [false, true]) {
    const { steps, problems } = plan(desired, readModel(stage, desired, { prune, refresh }), {
      prune,
      refresh,
    });
    expect({ problems, steps: steps.map(({ id, changes }) => ({ id, changes })) }).toEqual({
      problems: [],
      steps: [],
    });
  }
  expectServing(stage, desired);
  expectNothingElse(stage, desired, chance);
}

/** Once the list of tags has caught up, pruning leaves nothing that the project has not. */
function expectNothingElse(stage: ModelStage, desired: DesiredState, chance: Chance): void {
  stage.unlisted.clear();
  deployToModel(stage, desired, { prune: true, choose: (candidates) => chance.pick(candidates) });
  const { queues, functions, socket, scheduling, delays } = desired;
  const names = (wanted: readonly { physicalName: string }[]) =>
    wanted.map(({ physicalName }) => physicalName).sort();
  expect([...stage.functions.keys()].sort()).toEqual(names(functions));
  expect([...stage.queues.keys()].sort()).toEqual(
    names([...queues, ...(delays ? [delays.undeliverable] : [])]),
  );
  expect([...stage.roles.keys()].sort()).toEqual(
    [...functions, ...(scheduling ? [scheduling] : []), ...(delays ? [delays] : [])]
      .map(({ role }) => role.name)
      .sort(),
  );
  expect(stage.socketApi !== null).toBe(socket !== null);
  expect(stage.api !== null).toBe(desired.endpoint?.type === "api-gateway");
  expect(stage.functionUrls.size).toBe(desired.endpoint?.type === "url" ? 1 : 0);
  if (!scheduling) expect(stage.schedules.size).toBe(0);
}

/** All of a project serves, each function with the code and settings that it is to have. */
function expectServing(stage: ModelStage, desired: DesiredState): void {
  for (const fn of desired.functions) {
    const found = stage.functions.get(fn.physicalName);
    const live = found?.versions.find(({ version }) => version === found.live);
    expect(live).toMatchObject({
      codeSha256: fn.code.codeSha256,
      configuration: fn.configuration,
      roleArn: fn.role.arn,
    });
    const url = fn.environment.withUrl ? { QUEUE_RUN_URL: stage.url } : {};
    const socketUrl = fn.environment.withSocketUrl ? { QUEUE_RUN_SOCKET_URL: stage.socketUrl } : {};
    expect(live?.environment).toEqual({ ...fn.environment.variables, ...url, ...socketUrl });
    expect(missingNeeds(stage, fn.physicalName, needsOf(fn, desired))).toEqual([]);
  }
  for (const { physicalName, attributes } of desired.queues)
    expect(stage.queues.get(physicalName)?.attributes).toMatchObject(attributes);
  const { scheduling, endpoint, socket } = desired;
  expect([...stage.schedules.keys()].sort()).toEqual(
    (scheduling?.schedules ?? []).map(({ name }) => name).sort(),
  );
  if (endpoint?.type === "url")
    expect(stage.permissions.get(endpoint.functionName)).toEqual({
      "queue-run-url": EVERYBODY,
      "queue-run-invoke": EVERYBODY,
    });
  if (socket) {
    expect(stage.permissions.get(socket.functionName)).toEqual({
      "queue-run-socket": stage.socketApi?.id,
    });
    expect(stage.socketApi).toMatchObject({
      integrationUri: expect.stringContaining(socket.functionArn),
      routes: ["$connect", "$disconnect", "$default"],
      hasStage: true,
      url: stage.socketUrl,
    });
  }
  if (endpoint?.type === "api-gateway") {
    expect(stage.api?.integrationUri).toBe(endpoint.functionArn);
    expect(stage.permissions.get(endpoint.functionName)).toEqual({ "queue-run-api": stage.api?.id });
  }
}
