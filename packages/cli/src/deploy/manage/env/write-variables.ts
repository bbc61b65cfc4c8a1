import { DeleteParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import {
  variableNamesError,
  variableNotSetError,
  variablesTooLargeError,
} from "../../../errors/variable-errors.js";
import { readStageVariables, stageVariablesParameter } from "../../actual/stage-variables.js";
import { isAwsError, orNull } from "../../aws/aws-failure.js";
import { ssm } from "../../aws/ssm.js";
import { toTagList } from "../../aws/tags.js";
import { PROJECT_TAG, STAGE_TAG } from "../../desired/resource-tags.js";
import { variableNameProblem } from "../../desired/variable-names.js";
import type { Stage } from "../open-stage.js";

/** Most that a parameter of the standard tier holds. Systems Manager API Reference, PutParameter. */
const MAX_PARAMETER_BYTES = 4_096;

/**
 * Gives a stage variables, besides those that it has. They are in place with the next deploy.
 *
 * @throws QR_VARIABLE_NAME, QR_VARIABLES_TOO_LARGE before anything is changed
 */
export async function setVariables(stage: Stage, values: Readonly<Record<string, string>>): Promise<void> {
  const problems = Object.keys(values).flatMap((name) => {
    const problem = variableNameProblem(name);
    return problem === null ? [] : [`${name} ${problem}`];
  });
  if (problems.length > 0) throw variableNamesError(problems);
  await write(stage, { ...(await readStageVariables(stage.aws, stage)), ...values });
}

/** @throws QR_VARIABLE_NOT_SET when one of them is not set; then none is removed */
export async function removeVariables(stage: Stage, names: readonly string[]): Promise<void> {
  const left = { ...(await readStageVariables(stage.aws, stage)) };
  const missing = names.filter((name) => !Object.hasOwn(left, name));
  if (missing.length > 0) throw variableNotSetError(missing, stage.stage);
  for (const name of names) delete left[name];
  await write(stage, left);
}

/**
 * Variables as the parameter holds them: JSON in which no brace stands next to another, since Parameter Store takes
 * {{…}} for a reference to a parameter and refuses it. Systems Manager API Reference, PutParameter.
 */
export function parameterValue(variables: Readonly<Record<string, string>>): string {
  return JSON.stringify(variables).replaceAll(/\{(?=\{)/g, "\\u007b");
}

async function write(stage: Stage, variables: Readonly<Record<string, string>>): Promise<void> {
  const { aws } = stage;
  const Name = stageVariablesParameter(stage);
  if (Object.keys(variables).length === 0) {
    await orNull(ssm(aws).send(new DeleteParameterCommand({ Name })));
    return;
  }
  const Value = parameterValue(variables);
  const bytes = Buffer.byteLength(Value);
  if (bytes > MAX_PARAMETER_BYTES) throw variablesTooLargeError(bytes, MAX_PARAMETER_BYTES);
  const tags = toTagList({ [PROJECT_TAG]: stage.project, [STAGE_TAG]: stage.stage });
  const parameter = {
    Name,
    Value,
    Type: "SecureString",
    Description: "Variables of a queue-run stage",
  } as const;
  // Tags can be given only when a parameter is made; then it must not be there.
  try {
    await ssm(aws).send(new PutParameterCommand({ ...parameter, Tags: tags }));
  } catch (error) {
    if (!isAwsError(error, "ParameterAlreadyExists")) throw error;
    await ssm(aws).send(new PutParameterCommand({ ...parameter, Overwrite: true }));
  }
}
