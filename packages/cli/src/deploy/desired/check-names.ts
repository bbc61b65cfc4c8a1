import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import { IAM_MAX_PATH_LENGTH } from "../limits.js";
import type { DesiredState } from "./desired-state.js";
import { rolePath } from "./resource-names.js";
import { stageNameProblem } from "./stage-name.js";

/** Names that AWS would refuse, and names that two would share: a function's has `-` where a queue's has a dot. */
export function checkNames({ scope, functions, queues }: DesiredState): Problem[] {
  const problems: Problem[] = [];
  const stage = stageNameProblem(scope.stage);
  if (stage) problems.push(problem("QR_STAGE_NAME", "--stage", null, stage.message, stage.fix));
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
  return [...problems, ...rolesOfOneName(functions)];
}

/** IAM tells names of roles apart without their case. IAM User Guide, "IAM and AWS STS quotas", "IAM name requirements". */
function rolesOfOneName(functions: DesiredState["functions"]): Problem[] {
  const first = new Map<string, DesiredState["functions"][number]>();
  return functions.flatMap((fn) => {
    const { file, role } = fn;
    const other = first.get(role.name.toLowerCase());
    if (!other) first.set(role.name.toLowerCase(), fn);
    if (!other || other.role.name === role.name) return [];
    const message = `Its role would be called ${role.name} on AWS, as that of ${other.file} is: IAM knows no case.`;
    return [problem("QR_DUPLICATE_PHYSICAL_NAME", file, null, message, "Rename one of the two.")];
  });
}
