import { describe, expect, test } from "vitest";
import type { ActualState } from "../actual/actual-state.js";
import { fingerprints } from "../desired/fingerprint.js";
import type { Operation, Step } from "../plan/step.js";
import { testDesired } from "../testing/test-project.js";
import { stateAfter, stateBefore, stateUnchanged } from "./next-state.js";
import type { StepStatus } from "./run-steps.js";

const URL = "https://shop.example";
const ADDRESSES = { url: URL, socketUrl: null };
const desired = testDesired({ queues: { emails: {}, orders: {} }, routes: { "/": {} } });
const hashes = fingerprints(desired, ADDRESSES);

const actual: ActualState = {
  recorded: hashes,
  live: { api: "3", "queue:emails": "2", "queue:orders": "2", "queue:old": "7" },
  ...ADDRESSES,
  tagged: [],
  roles: [],
  scheduleNames: [],
  table: undefined,
  queues: {},
  functions: {},
  endpoint: undefined,
  socket: undefined,
  scheduling: undefined,
  delays: undefined,
};

function step(unit: string, id: string, operation: Operation): Step {
  return { id, unit, phase: "code", after: [], operation, text: id, changes: [] };
}

const updateEmails: Operation = {
  type: "update-alias",
  functionId: "queue:emails",
  functionName: "shop-prod-queue-emails",
  version: null,
};
const steps = [
  step("function:queue:emails", "publish", updateEmails),
  step("function:queue:emails", "switch", updateEmails),
  step("function:api", "switch the API", updateEmails),
];
const planned = { desired, actual, plan: { steps, notes: [], problems: [] } };
const statuses = (...each: StepStatus[]) => new Map(steps.map(({ id }, at) => [id, each[at] ?? "done"]));
const without = (...units: string[]) =>
  Object.fromEntries(Object.entries(hashes).filter(([unit]) => !units.includes(unit)));

test("before anything is touched, the hashes of what will be go", () => {
  expect(stateBefore(planned)).toEqual({
    recorded: without("function:queue:emails", "function:api"),
    live: actual.live,
    ...ADDRESSES,
  });
});

describe("afterwards", () => {
  const before = stateBefore(planned);
  const live = new Map([["queue:emails", "3"]]);

  test("everything that is whole has its hash, and what serves is known", () => {
    const after = stateAfter(before, planned, statuses("done", "done", "done"), { live, ...ADDRESSES });
    expect(after).toEqual({ recorded: hashes, live: { ...actual.live, "queue:emails": "3" }, ...ADDRESSES });
  });

  test.each(["failed", "not started", "left"] as const)(
    "a unit with a step that is %s has none",
    (status) => {
      const after = stateAfter(before, planned, statuses("done", "done", status), { live, ...ADDRESSES });
      expect(after.recorded).toEqual(without("function:api"));
      expect(after.live["queue:emails"]).toBe("3");
    },
  );

  test("a function that was deleted serves no more", () => {
    const functionName = "shop-prod-queue-old";
    const deletion = [step("function:queue:old", "delete", { type: "delete-function", functionName })];
    const pruned = { ...planned, plan: { ...planned.plan, steps: deletion } };
    const results = { live: new Map<string, string>(), ...ADDRESSES };
    const gone = stateAfter(stateBefore(pruned), pruned, new Map([["delete", "done"]]), results);
    expect(Object.keys(gone.live)).toEqual(["api", "queue:emails", "queue:orders"]);
    const stays = stateAfter(stateBefore(pruned), pruned, new Map([["delete", "left"]]), results);
    expect(stays.live["queue:old"]).toBe("7");
  });

  test("a new address changes the hash of what knows it", () => {
    const other = { url: "https://other.example", socketUrl: null };
    const after = stateAfter(before, planned, statuses(), { live, ...other });
    expect(after.recorded).toEqual(fingerprints(desired, other));
    expect(after.url).toBe(other.url);
  });
});

test("when nothing had to be done, what is recorded already is not written again", () => {
  const nothing = { ...planned, plan: { ...planned.plan, steps: [] } };
  expect(stateUnchanged(nothing, ADDRESSES)).toBeNull();
  const lost = { ...nothing, actual: { ...actual, recorded: {} } };
  expect(stateUnchanged(lost, ADDRESSES)).toEqual({ recorded: hashes, live: actual.live, ...ADDRESSES });
});
