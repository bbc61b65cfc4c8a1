import { describe, expect, test } from "vitest";
import { testDesired } from "../testing/test-project.js";

describe("schedules", () => {
  test("are EventBridge Scheduler's, aimed at the alias, in the stage's group", () => {
    const { scheduling } = testDesired({
      schedules: { nightly: { when: "0 9 1 * 1", timezone: "Europe/Berlin" }, never: { when: "never" } },
    });
    expect(
      scheduling?.schedules.map(({ name, expression, timezone, targetArn }) => [
        name,
        expression,
        timezone,
        targetArn,
      ]),
    ).toEqual(
      ["nightly", "nightly.weekdays"].map((name, at) => [
        name,
        ["cron(0 9 1 * ? *)", "cron(0 9 ? * 2 *)"][at],
        "Europe/Berlin",
        "arn:aws:lambda:eu-west-1:123456789012:function:shop-prod-schedule-nightly:live",
      ]),
    );
    expect(scheduling?.group).toMatchObject({
      name: "shop-prod",
      arn: "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/shop-prod",
    });
  });

  test("have names of their own: no file's schedule is called as the second one of another's", () => {
    const schedules = { nightly: { when: "0 9 1 * 1" }, "nightly-weekdays": {} };
    const names = testDesired({ schedules }).scheduling?.schedules.map(({ name }) => name);
    expect(names).toEqual(["nightly", "nightly.weekdays", "nightly-weekdays"]);
  });

  test("run as a role that only this group's schedules may assume, for these functions alone", () => {
    const { scheduling } = testDesired({ schedules: { b: {}, a: {} } });
    expect(scheduling?.role.trust.Statement[0]?.Condition).toEqual({
      StringEquals: {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/shop-prod",
      },
    });
    expect(scheduling?.role.statements).toEqual([
      {
        Effect: "Allow",
        Action: ["lambda:InvokeFunction"],
        Resource: ["a", "b"].map(
          (name) => `arn:aws:lambda:eu-west-1:123456789012:function:shop-prod-schedule-${name}:live`,
        ),
      },
    ]);
  });

  test("that never run need no group", () => {
    expect(testDesired({ schedules: { never: { when: "never" } } }).scheduling).toBeNull();
  });
});
