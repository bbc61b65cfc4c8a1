import { DeleteParameterCommand } from "@aws-sdk/client-ssm";
import { orNull } from "../aws/aws-failure.js";
import { ssm } from "../aws/ssm.js";
import type { Run } from "./operation.js";

export const deleteParameter: Run<"delete-parameter"> = async ({ name: Name }, { aws }) => {
  await orNull(ssm(aws).send(new DeleteParameterCommand({ Name })));
  return "done";
};
