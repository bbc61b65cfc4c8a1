import { expect, test } from "vitest";
import { iamActionOf } from "./iam-action.js";

test.each([
  ["lambda", "CreateFunctionCommand", "lambda:CreateFunction"],
  ["lambda", "InvokeCommand", "lambda:InvokeFunction"],
  ["sqs", "SendMessageBatchCommand", "sqs:SendMessage"],
  ["sqs", "GetQueueAttributesCommand", "sqs:GetQueueAttributes"],
  ["tag", "GetResourcesCommand", "tag:GetResources"],
  ["apigateway", "CreateApiCommand", "apigateway:POST"],
  ["apigateway", "GetApisCommand", "apigateway:GET"],
  ["apigateway", "UpdateRouteCommand", "apigateway:PATCH"],
  ["apigateway", "DeleteApiCommand", "apigateway:DELETE"],
])("%s %s is %s", (service, command, action) => {
  expect(iamActionOf(service, command)).toBe(action);
});
