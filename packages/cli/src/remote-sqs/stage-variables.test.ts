import { expect, test } from "vitest";
import { desiredDelays } from "../deploy/desired/desired-delays.js";
import { delayVariables } from "../deploy/desired/desired-environment.js";
import { tableName } from "../deploy/desired/resource-names.js";
import { stageVariables } from "./stage-variables.js";

test.each([
  ["aws", "eu-west-1"],
  ["aws-cn", "cn-north-1"],
  ["aws-us-gov", "us-gov-west-1"],
])("a process elsewhere is told what the stage's own functions are told, in %s", (partition, region) => {
  const scope = { project: "@acme/shop", stage: "prod", region, account: "123456789012", partition };
  const delays = desiredDelays([{ name: "mail" }], scope, {});
  expect(stageVariables(scope)).toEqual({
    QUEUE_RUN_TABLE: tableName(scope),
    ...(delays && delayVariables(delays)),
  });
});
