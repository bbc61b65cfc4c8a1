import { describe, expect, test } from "vitest";
import {
  delayedMessageName,
  delayedMessagePrefix,
  localQueueNames,
  nearestName,
  physicalQueueNames,
  queueNameProblem,
} from "./index.js";

describe("queueNameProblem", () => {
  test.each(["a", "A-z_0-9", "x".repeat(80), `${"x".repeat(75)}.fifo`])("allows %s", (name) => {
    expect(queueNameProblem(name)).toBeNull();
  });

  test.each([
    ["", "empty"],
    [".fifo", "empty"],
    ["a.b", '"."'],
    ["a b", '" "'],
    ["é", '"é"'],
    ["a🚀", '"🚀"'],
    ["a.fifo.fifo", '"."'],
    ["x".repeat(81), "81 characters"],
    [`${"x".repeat(76)}.fifo`, "81 characters"],
  ])("refuses %s and says why", (name, reason) => {
    expect(queueNameProblem(name)).toContain(reason);
  });
});

describe("nearestName", () => {
  const names = ["emails", "update_profile.fifo", "a"];
  test.each([
    ["emial", "emails"],
    ["Emails", "emails"],
    ["update_profile", "update_profile.fifo"],
    ["emails.fifo", "emails"],
    ["b", "a"],
    ["invoices", null],
  ])("for %s it is %s", (name, nearest) => {
    expect(nearestName(name, names)).toBe(nearest);
  });

  test("is null where there are no names", () => {
    expect(nearestName("emails", [])).toBeNull();
  });
});

describe("physicalQueueNames", () => {
  test("puts project and stage before the name, and -dlq before .fifo", () => {
    expect(physicalQueueNames({ project: "shop", stage: "prod", name: "emails" })).toEqual({
      queue: "shop-prod-emails",
      deadLetterQueue: "shop-prod-emails-dlq",
    });
    expect(physicalQueueNames({ project: "shop", stage: "prod", name: "orders.fifo" })).toEqual({
      queue: "shop-prod-orders.fifo",
      deadLetterQueue: "shop-prod-orders-dlq.fifo",
    });
  });

  test("makes a package's scope a part of the name that SQS allows", () => {
    expect(physicalQueueNames({ project: "@acme/shop", stage: "prod", name: "a" }).queue).toBe(
      "acme-shop-prod-a",
    );
  });

  test("shortens names beyond 80 characters so that they stay apart", () => {
    const project = "p".repeat(60);
    const names = ["orders-of-today-and-tomorrow", "orders-of-today-and-yesterday"].flatMap((stem) =>
      [stem, `${stem}.fifo`].flatMap((name) =>
        Object.values(physicalQueueNames({ project, stage: "production", name })),
      ),
    );
    expect(new Set(names).size).toBe(8);
    for (const name of names) {
      expect(queueNameProblem(name)).toBeNull();
      expect(name.length).toBeLessThanOrEqual(80);
    }
    expect(names[3]?.endsWith("-dlq.fifo")).toBe(true);
  });

  test("leaves a name of exactly 80 characters as it is", () => {
    const name = `${"x".repeat(80 - "p-s-.fifo".length)}.fifo`;
    const { queue, deadLetterQueue } = physicalQueueNames({ project: "p", stage: "s", name });
    expect(queue).toBe(`p-s-${name}`);
    expect(deadLetterQueue).toHaveLength(80);
  });
});

test("in development a queue has its file's name", () => {
  expect(localQueueNames("orders.fifo")).toEqual({
    queue: "orders.fifo",
    deadLetterQueue: "orders-dlq.fifo",
  });
  const longest = "x".repeat(80);
  expect(localQueueNames(longest).queue).toBe(longest);
  expect(localQueueNames(longest).deadLetterQueue).toHaveLength(80);
});

test("names delayed messages by their queue, within EventBridge Scheduler's limits", () => {
  const jobId = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const name = delayedMessageName("shop-prod-orders.fifo", jobId);
  expect(name).toMatch(/^[0-9a-zA-Z_.-]{1,64}$/);
  expect(name.startsWith(delayedMessagePrefix("shop-prod-orders.fifo"))).toBe(true);
  expect(name.startsWith(delayedMessagePrefix("shop-prod-orders"))).toBe(false);
  expect(name.endsWith(jobId)).toBe(true);
});
