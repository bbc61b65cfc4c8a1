import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { stageVariablesUnreadableError } from "../../errors/deploy-errors.js";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { ssm } from "../aws/ssm.js";

/** Which stage of which project. */
type Stage = { project: string; stage: string };

/** @returns the name of the SecureString that holds a stage's variables, as a JSON object */
export function stageVariablesParameter({ project, stage }: Stage): string {
  return `/queue-run/${project}/${stage}/env`;
}

/**
 * Reads the variables that `env set` has given a stage; none where it has not.
 *
 * @throws QR_STAGE_VARIABLES_UNREADABLE when the parameter holds anything but names and texts
 */
export async function readStageVariables(aws: Aws, stage: Stage): Promise<Record<string, string>> {
  const Name = stageVariablesParameter(stage);
  const found = await orNull(ssm(aws).send(new GetParameterCommand({ Name, WithDecryption: true })));
  if (!found) return {};
  const variables = toObject(found.Parameter?.Value ?? "");
  if (!variables) throw stageVariablesUnreadableError(Name);
  return variables;
}

function toObject(text: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const entries = Object.entries(value);
    return entries.every(([, each]) => typeof each === "string") ? Object.fromEntries(entries) : null;
  } catch {
    return null;
  }
}
