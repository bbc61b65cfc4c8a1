import { expect, test } from "vitest";
import { variableNameProblem } from "./variable-names.js";

test.each(["DATABASE_URL", "aB", "AWS_NODEJS_CONNECTION_REUSE_ENABLED", "TZ", "NODE_OPTIONS"])(
  "%s can be",
  (name) => {
    expect(variableNameProblem(name)).toBeNull();
  },
);

test.each([
  ["", "no name"],
  ["A", "no name"],
  ["1A", "no name"],
  ["_A", "no name"],
  ["A-B", "no name"],
  ["AWS_REGION", "Lambda itself"],
  ["AWS_SECRET_ACCESS_KEY", "Lambda itself"],
  ["NODE_ENV", "queue-run itself"],
  ["QUEUE_RUN_STAGE", "queue-run itself"],
])("%s cannot: %s", (name, why) => {
  expect(variableNameProblem(name)).toContain(why);
});
