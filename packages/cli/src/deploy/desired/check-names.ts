import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import { IAM_MAX_PATH_LENGTH } from "../limits.js";
import type { DesiredState } from "./desired-state.js";
import { rolePath } from "./resource-names.js";

/** Names stand in names of resources, in paths and in tags: these are allowed in all of them. */
const STAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** What handlers see in development. */
const DEVELOPMENT_STAGE = "dev";

/** Names that AWS would refuse, and names that two would share: a function's has `-` where a queue's has a dot. */
export function checkNames({ scope, functions, queues }: DesiredState): Problem[] {
  const problems: Problem[] = [];
  if (!STAGE_NAME.test(scope.stage))
    problems.push(
      problem(
        "QR_STAGE_NAME",
        "--stage",
        null,
        `${JSON.stringify(scope.stage)} cannot be a stage: its name stands in the names of resources.`,
        "Use letters, digits, - and _ only, a letter or a digit first.",
      ),
    );
  if (scope.stage === DEVELOPMENT_STAGE)
    problems.push(
      problem(
        "QR_STAGE_NAME",
        "--stage",
        null,
        `"${DEVELOPMENT_STAGE}" is the stage of the development server: handlers tell by it where they run.`,
        'Choose another name, say "staging".',
      ),
    );
  const path = rolePath(scope);
  if (path.length > IAM_MAX_PATH_LENGTH)
    problems.push(
      problem(
        "QR_STAGE_NAME",
        "queue-run.config.ts",
        null,
        `The path of the stage's roles would be ${path.length} characters long; IAM allows ${IAM_MAX_PATH_LENGTH}.`,
        "Choose a shorter name in queue-run.config.ts, or a shorter --stage.",
      ),
    );
  const named = [
    ...functions.map(({ physicalName, file }) => ({ kind: "function", physicalName, file })),
    ...queues.map(({ physicalName, file }) => ({ kind: "queue", physicalName, file })),
  ];
  const first = new Map<string, string>();
  for (const { kind, physicalName, file } of named) {
    const other = first.get(`${kind} ${physicalName}`);
    if (other === undefined) first.set(`${kind} ${physicalName}`, file);
    else
      problems.push(
        problem(
          "QR_DUPLICATE_PHYSICAL_NAME",
          file,
          null,
          `Its ${kind} would be called ${physicalName} on AWS, as that of ${other} is.`,
          "Rename one of the two.",
        ),
      );
  }
  return problems;
}
