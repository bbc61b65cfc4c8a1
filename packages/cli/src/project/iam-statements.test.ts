import { expect, test } from "vitest";
import { areIamStatements, iamStatementFault } from "./iam-statements.js";

test.each([
  { Action: "s3:GetObject", Resource: "*" },
  { Action: "*", Resource: "arn:aws:s3:::bucket/$" + "{aws:PrincipalTag/team}/*" },
  {
    Sid: "Read1",
    Effect: "Deny",
    Action: ["s3:Get*", "execute-api:ManageConnections"],
    Resource: ["arn:aws-cn:dynamodb:*:123456789012:table/é"],
    Condition: {
      StringEquals: { "aws:RequestedRegion": ["eu-west-1", "eu-west-2"] },
      Bool: { "aws:x": true },
    },
  },
])("takes %j", (statement) => {
  expect(iamStatementFault(statement)).toBeNull();
  expect(areIamStatements([statement, statement])).toBe(true);
});

test.each([
  ["s3:*", ' is "s3:*", not an object'],
  [{ Resource: "*" }, " has no Action"],
  [{ Action: "s3:*" }, " has no Resource"],
  [{ Action: [], Resource: "*" }, ".Action is empty"],
  [{ Action: "s3", Resource: "*" }, '.Action has "s3", which is not a service and an action'],
  [{ Action: ["s3:*", "s3:Get Object"], Resource: "*" }, '.Action has "s3:Get Object"'],
  [{ Action: 5, Resource: "*" }, ".Action has 5"],
  [{ Action: "s3:*", Resource: [] }, ".Resource is empty"],
  [{ Action: "s3:*", Resource: "bucket" }, '.Resource has "bucket", which is not an ARN'],
  [{ Action: "s3:*", Resource: "arn:aws:s3" }, '.Resource has "arn:aws:s3"'],
  [{ Action: "s3:*", Resource: "*", Effect: "Perhaps" }, '.Effect is "Perhaps"'],
  [{ Action: "s3:*", Resource: "*", Sid: "a b" }, '.Sid is "a b"'],
  [{ Action: "s3:*", Resource: "*", Principal: "*" }, " has Principal, which is not one of Sid, Effect"],
  [{ NotAction: "s3:*", Resource: "*" }, " has NotAction"],
  [{ Action: "s3:*", Resource: "*", Condition: "x" }, '.Condition is "x", not an object'],
  [{ Action: "s3:*", Resource: "*", Condition: { Bool: "x" } }, ".Condition is"],
  [{ Action: "s3:*", Resource: "*", Condition: { Bool: { x: {} } } }, ".Condition is"],
  [{ Action: "s3:*", Resource: "arn:aws:s3:::🚀" }, " has a character that IAM does not take"],
])("refuses %j", (statement, fault) => {
  expect(iamStatementFault(statement)).toContain(fault);
  expect(areIamStatements([statement])).toBe(false);
});
