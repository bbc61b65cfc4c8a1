import type { IamStatement } from "@queue-run/runtime/config";
import { describe, expect, test } from "vitest";
import { statementChanges, statementsOf, widenedStatements } from "./policy-statements.js";

const READ: IamStatement = { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["a"] };
const WRITE: IamStatement = { Effect: "Allow", Action: ["s3:PutObject"], Resource: ["a"] };
const NEVER: IamStatement = { Effect: "Deny", Action: ["s3:*"], Resource: ["b"] };

describe("while older and newer code may both run", () => {
  test.each<[string, IamStatement[], IamStatement[], IamStatement[]]>([
    ["what either may do is allowed", [READ], [WRITE], [WRITE, READ]],
    [
      "the same statement is not said twice",
      [READ],
      [{ ...READ, Resource: "a" }],
      [{ ...READ, Resource: "a" }],
    ],
    [
      "resources of the same actions share a statement",
      [READ],
      [{ ...READ, Resource: ["b"] }],
      [{ ...READ, Resource: ["a", "b"] }],
    ],
    ["what newer code alone is denied is not denied yet", [READ], [READ, NEVER], [READ]],
    ["what older code alone is denied is denied no longer", [READ, NEVER], [READ], [READ]],
    ["what both are denied stays denied", [NEVER], [NEVER, READ], [NEVER, READ]],
    [
      "conditions keep statements apart",
      [{ ...READ, Condition: { Bool: { x: "true" } } }],
      [{ ...READ, Resource: ["b"] }],
      [
        { ...READ, Resource: ["b"] },
        { ...READ, Condition: { Bool: { x: "true" } } },
      ],
    ],
    ["from nothing", [], [READ], [READ]],
  ])("%s", (_, older, newer, widened) => {
    expect(widenedStatements(older, newer)).toEqual(widened);
    // What is widened already needs no more of it.
    expect(statementChanges(widened, widenedStatements(widened, newer))).toEqual([]);
  });
});

test("changes name the statements that come and go, in words", () => {
  const send = { Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:123456789012:shop-prod-emails" };
  expect(statementChanges([READ], [{ ...send, Condition: { Bool: { a: "b" } } }, NEVER])).toEqual([
    { setting: "policy", from: "s3:GetObject on a", to: null },
    { setting: "policy", from: null, to: 'sqs:SendMessage on shop-prod-emails if {"Bool":{"a":"b"}}' },
    { setting: "policy", from: null, to: "deny s3:* on b" },
  ]);
  expect(
    statementChanges([READ, WRITE], [WRITE, { ...READ, Resource: "a", Action: "s3:GetObject" }]),
  ).toEqual([]);
});

test.each([
  ["no policy", null, []],
  ["no object", "text", []],
  ["one statement without a list", { Statement: READ }, [READ]],
  ["a list", { Statement: [READ, WRITE] }, [READ, WRITE]],
])("statements of %s", (_, policy, statements) => {
  expect(statementsOf(policy)).toEqual(statements);
});
