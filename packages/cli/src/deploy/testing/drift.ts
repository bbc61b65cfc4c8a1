import { expect } from "vitest";
import { plan } from "../plan/plan.js";
import { deployToModel } from "./model-deploy.js";
import { emptyStage, type ModelFunction, type ModelStage, readModel } from "./model-stage.js";
import { type TestProject, testDesired } from "./test-project.js";

/** For tests: a project with a queue, an API and a schedule, and the names of their functions. */
export const SHOP: TestProject = { queues: { emails: {} }, routes: { "/": {} }, schedules: { nightly: {} } };
export const HTTP_API: TestProject = { routes: { "/": {} }, settings: { http: "api-gateway" } };
export const Q = "shop-prod-queue-emails";
export const S = "shop-prod-schedule-nightly";
export const A = "shop-prod-api";

/** For tests: a stage that a project was deployed to. */
export function deployed(project: TestProject): ModelStage {
  const stage = emptyStage();
  deployToModel(stage, testDesired(project));
  return stage;
}

/** For tests: the steps of a plan, "prepare create-queue NAME"; there are no problems. */
export function planned(stage: ModelStage, project: TestProject, refresh: boolean): string[] {
  const desired = testDesired(project);
  const { steps, problems } = plan(desired, readModel(stage, desired, { refresh }), {
    prune: false,
    refresh,
  });
  expect(problems).toEqual([]);
  return steps.map(({ phase, id }) => `${phase} ${id}`);
}

/** For tests: what has to be there. */
export function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("The test's stage lacks what it changes.");
  return value;
}

/** Changes a resource behind our back. */
export function set<T extends object>(resource: T, values: Partial<T>): void {
  Object.assign(resource, values);
}

/** For tests: a queue of a stage. */
export function queue(stage: ModelStage, name: string) {
  return there(stage.queues.get(name));
}

/** Changes what the alias points at, and `$LATEST`. */
export function both(
  stage: ModelStage,
  name: string,
  change: (version: ModelFunction["latest"]) => void,
): void {
  const found = there(stage.functions.get(name));
  change(found.latest);
  change(there(found.versions.find(({ version }) => version === found.live)));
}

/** For tests: the one mapping of a stage. */
export function mapping(stage: ModelStage) {
  return there(stage.mappings[0]);
}

/** For tests: what somebody changed behind our back, in a stage of a project, and the steps that mend it. */
export type Drift = [what: string, project: TestProject, drift: (stage: ModelStage) => void, steps: string[]];

/** Checks that a drift takes exactly its steps, and none once they were done. */
export function checkDrift([, project, drift, steps]: Drift): void {
  const stage = deployed(project);
  drift(stage);
  expect(planned(stage, project, true)).toEqual(steps);
  deployToModel(stage, testDesired(project), { refresh: true });
  if (steps.length > 0) expect(planned(stage, project, true)).toEqual([]);
}

/** For tests: a record without one of its members. */
export function without(record: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
