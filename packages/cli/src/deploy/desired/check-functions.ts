import {
  LAMBDA_MAX_MAXIMUM_CONCURRENCY,
  LAMBDA_MAX_MEMORY_MEGABYTES,
  LAMBDA_MAX_TIMEOUT_SECONDS,
  LAMBDA_MIN_MAXIMUM_CONCURRENCY,
  LAMBDA_MIN_MEMORY_MEGABYTES,
} from "@queue-run/runtime/limits";
import type { Manifest, Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import {
  API_GATEWAY_MAX_TIMEOUT_SECONDS,
  IAM_MAX_ROLE_POLICY_LENGTH,
  LAMBDA_MAX_SECURITY_GROUPS,
  LAMBDA_MAX_SUBNETS,
} from "../limits.js";
import type { DesiredFunction, DesiredState } from "./desired-state.js";
import { policyLength } from "./policy-document.js";
import { policyTooLong } from "./policy-too-long.js";

const CONFIG_FILE = "queue-run.config.ts";

/** What Lambda, IAM and API Gateway would refuse of functions. */
export function checkFunctions(
  { functions, endpoint }: DesiredState,
  { routes, settings }: Pick<Manifest, "routes" | "settings">,
): Problem[] {
  const problems = functions.flatMap(functionProblems);
  if (settings.vpc) problems.push(...vpcProblems(settings.vpc));
  if (endpoint?.type !== "api-gateway") return problems;
  const late = routes.filter(({ settings }) => settings.timeoutSeconds > API_GATEWAY_MAX_TIMEOUT_SECONDS);
  for (const route of late)
    problems.push(
      problem(
        "QR_INVALID_CONFIG",
        route.file,
        null,
        `config.timeout is ${route.settings.timeoutSeconds} s; behind API Gateway, a request is given up after ${API_GATEWAY_MAX_TIMEOUT_SECONDS} s.`,
        `Lower it to ${API_GATEWAY_MAX_TIMEOUT_SECONDS}, do the slow part in a queue, or set http to "url" in ${CONFIG_FILE}.`,
      ),
    );
  return problems;
}

function functionProblems({ file, configuration, mapping, role }: DesiredFunction): Problem[] {
  const { memoryMegabytes, timeoutSeconds } = configuration;
  const problems: Problem[] = [];
  const check = (setting: string, value: number, min: number, max: number, unit: string) => {
    if (Number.isInteger(value) && value >= min && value <= max) return;
    problems.push(
      problem(
        "QR_INVALID_CONFIG",
        file,
        null,
        `${setting} comes to ${value}${unit}; AWS takes whole numbers from ${min} to ${max}.`,
        `Change config.${setting} of ${file}, or ${setting} in ${CONFIG_FILE}.`,
      ),
    );
  };
  check("memory", memoryMegabytes, LAMBDA_MIN_MEMORY_MEGABYTES, LAMBDA_MAX_MEMORY_MEGABYTES, " MB");
  check("timeout", timeoutSeconds, 1, LAMBDA_MAX_TIMEOUT_SECONDS, " s");
  if (mapping && mapping.maximumConcurrency !== null) {
    const { maximumConcurrency } = mapping;
    check(
      "concurrency",
      maximumConcurrency,
      LAMBDA_MIN_MAXIMUM_CONCURRENCY,
      LAMBDA_MAX_MAXIMUM_CONCURRENCY,
      "",
    );
  }
  const length = policyLength(role.statements);
  if (length > IAM_MAX_ROLE_POLICY_LENGTH) problems.push(policyTooLong(file, role.name, "new", length));
  return problems;
}

function vpcProblems({
  subnetIds,
  securityGroupIds,
}: {
  subnetIds: string[];
  securityGroupIds: string[];
}): Problem[] {
  return [
    ...idProblems("vpc.subnetIds", subnetIds, /^subnet-[0-9a-z]+$/, LAMBDA_MAX_SUBNETS, "subnet-0a1b2c3d"),
    ...idProblems(
      "vpc.securityGroupIds",
      securityGroupIds,
      /^sg-[0-9a-zA-Z]+$/,
      LAMBDA_MAX_SECURITY_GROUPS,
      "sg-0a1b2c3d",
    ),
  ];
}

function idProblems(
  setting: string,
  ids: readonly string[],
  shape: RegExp,
  most: number,
  example: string,
): Problem[] {
  const wrong = ids.filter((id) => !shape.test(id));
  const report = (message: string, fix: string) => [
    problem("QR_INVALID_CONFIG", CONFIG_FILE, null, `${setting} ${message}.`, fix),
  ];
  if (ids.length === 0) return report("is empty", `Name at least one: ["${example}"]; or leave out vpc.`);
  if (ids.length > most)
    return report(`has ${ids.length} members; Lambda allows ${most}`, `Keep ${most} of them.`);
  if (wrong.length > 0)
    return report(`has ${wrong.join(", ")}, which is no such id`, `Ids look like ${example}.`);
  return [];
}
