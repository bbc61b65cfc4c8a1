import { expect, test } from "vitest";
import type { Phase, Step } from "../plan/step.js";
import type { OperationOutcome } from "./operation.js";
import { runSteps, type StepsOptions } from "./run-steps.js";

function step(id: string, phase: Phase, after: string[] = []): Step {
  const operation = { type: "delete-role", roleName: id } as const;
  return { id, phase, after, unit: id, operation, text: id, changes: [] };
}

/** Steps that end when the test says so. */
function controlled() {
  const started: string[] = [];
  const endings = new Map<string, (outcome: OperationOutcome | Error) => void>();
  const run: StepsOptions["run"] = ({ id }) => {
    started.push(id);
    return new Promise((resolve, reject) => {
      endings.set(id, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
    });
  };
  const end = async (id: string, outcome: OperationOutcome | Error = "done") => {
    endings.get(id)?.(outcome);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { started, run, end };
}

const options = (run: StepsOptions["run"], more: Partial<StepsOptions> = {}): StepsOptions => ({
  run,
  parallelism: 10,
  stop: new AbortController().signal,
  beforePhase: async () => {},
  onStep: () => {},
  ...more,
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("phase by phase, and within one each step after those that it waits for", async () => {
  const { started, run, end } = controlled();
  const phases: Phase[] = [];
  const steps = [
    step("alias", "switch"),
    step("dead-letters", "prepare"),
    step("queue", "prepare", ["dead-letters"]),
    step("role", "prepare"),
  ];
  const outcome = runSteps(steps, options(run, { beforePhase: async (phase) => void phases.push(phase) }));
  await settled();
  expect(started).toEqual(["dead-letters", "role"]);
  await end("dead-letters");
  expect(started).toEqual(["dead-letters", "role", "queue"]);
  await end("queue");
  expect(phases).toEqual(["prepare"]);
  await end("role");
  expect([phases, started.at(-1)]).toEqual([["prepare", "switch"], "alias"]);
  await end("alias");
  expect([...(await outcome).statuses.values()]).toEqual(["done", "done", "done", "done"]);
});

test("no more at once than it may", async () => {
  let running = 0;
  let most = 0;
  const run = async () => {
    running += 1;
    most = Math.max(most, running);
    await settled();
    running -= 1;
    return "done" as const;
  };
  const steps = Array.from({ length: 50 }, (_, at) => step(String(at), "prepare"));
  const { statuses } = await runSteps(steps, options(run, { parallelism: 7 }));
  expect(most).toBe(7);
  expect([...statuses.values()].every((status) => status === "done")).toBe(true);
});

test("after a failure no step begins, and those that run are waited for", async () => {
  const { started, run, end } = controlled();
  const steps = [
    step("fails", "prepare"),
    step("runs", "prepare"),
    step("waits", "prepare", ["runs"]),
    step("later", "code"),
  ];
  const outcome = runSteps(steps, options(run));
  await settled();
  await end("fails", new Error("no"));
  await end("runs");
  const { statuses, failures } = await outcome;
  expect(started).toEqual(["fails", "runs"]);
  expect(Object.fromEntries(statuses)).toEqual({
    fails: "failed",
    runs: "done",
    waits: "not started",
    later: "not started",
  });
  expect(failures.map(({ step: { id }, error }) => [id, (error as Error).message])).toEqual([
    ["fails", "no"],
  ]);
});

test("a stop is like a failure of nothing", async () => {
  const { started, run, end } = controlled();
  const stop = new AbortController();
  const outcome = runSteps(
    [step("one", "prepare"), step("two", "code")],
    options(run, { stop: stop.signal }),
  );
  await settled();
  stop.abort();
  await end("one");
  const { statuses, failures } = await outcome;
  expect([started, failures, statuses.get("two")]).toEqual([["one"], [], "not started"]);
});

test("what comes after a step that was left is left out, and the rest goes on", async () => {
  const { started, run, end } = controlled();
  const steps = [
    step("drain", "remove"),
    step("mapping", "remove", ["drain"]),
    step("function", "remove", ["mapping"]),
    step("other", "remove"),
  ];
  const outcome = runSteps(steps, options(run));
  await settled();
  await end("drain", "left");
  await end("other");
  const { statuses, failures } = await outcome;
  expect(started).toEqual(["drain", "other"]);
  expect(Object.fromEntries(statuses)).toEqual({
    drain: "left",
    mapping: "left",
    function: "left",
    other: "done",
  });
  expect(failures).toEqual([]);
});

test("nothing of a phase begins when what comes before it fails", async () => {
  const run = async () => "done" as const;
  const beforePhase = async (phase: Phase) => {
    if (phase === "switch") throw new Error("not written down");
  };
  const begun: string[] = [];
  const steps = [step("version", "code"), step("alias", "switch")];
  const outcome = runSteps(
    steps,
    options(run, { beforePhase, onStep: ({ id }, status) => void begun.push(`${id} ${status}`) }),
  );
  await expect(outcome).rejects.toThrow("not written down");
  expect(begun).toEqual(["version started", "version done"]);
});
