import type { ProjectConfig } from "@queue-run/runtime/config";
import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import type { StageVariables } from "./desired-environment.js";
import type { DesiredState } from "./desired-state.js";
import { variableNameProblem } from "./variable-names.js";

const URL_VARIABLE = "QUEUE_RUN_URL";
const SOCKET_URL_VARIABLE = "QUEUE_RUN_SOCKET_URL";

/** Variables that no function may have, and those that every function needs and that have no value. */
export function checkVariables(
  { env = {}, requiredEnv = [] }: ProjectConfig,
  { flags, parameter }: StageVariables,
  { functions, scope }: DesiredState,
): Problem[] {
  const places: [string, Readonly<Record<string, string>>][] = [
    ["queue-run.config.ts (env)", env],
    ["-e", flags],
    [`queue-run env --stage ${scope.stage}`, parameter],
  ];
  const problems = places.flatMap(([place, variables]) =>
    Object.keys(variables).flatMap((name) => {
      const fault = variableNameProblem(name);
      return fault === null
        ? []
        : [
            problem(
              "QR_VARIABLE_NAME",
              place,
              null,
              `${name} ${fault}.`,
              "Choose another name, or leave it out.",
            ),
          ];
    }),
  );
  const [first] = functions;
  if (!first) return problems;
  const { variables, withUrl, withSocketUrl } = first.environment;
  for (const name of requiredEnv) {
    if (variables[name] || (name === URL_VARIABLE && withUrl)) continue;
    if (name === SOCKET_URL_VARIABLE && withSocketUrl) continue;
    problems.push(
      problem(
        "QR_REQUIRED_ENV",
        "queue-run.config.ts",
        null,
        `${name} is in requiredEnv and has no value on the stage ${scope.stage}.`,
        `Give it one: queue-run env set --stage ${scope.stage} ${name}=…, env in queue-run.config.ts, or -e ${name}=… with this deploy.`,
      ),
    );
  }
  return problems;
}
