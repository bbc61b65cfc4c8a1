import { expect, test } from "vitest";
import { expectedJobs } from "./expected-jobs.js";

const QUEUES = ["emails", "orders.fifo", "reports"];

test("one figure is shared by every queue; without any there is a default", () => {
  expect(expectedJobs(QUEUES, [{ queue: null, jobs: 300 }])).toEqual({
    emails: 100,
    "orders.fifo": 100,
    reports: 100,
  });
  expect(expectedJobs(["emails"], [])).toEqual({ emails: 100_000 });
});

test("a queue that is named has its own; the others share what is for all, or have none", () => {
  const emails = { queue: "emails", jobs: 5 };
  expect(expectedJobs(QUEUES, [emails])).toEqual({ emails: 5, "orders.fifo": 0, reports: 0 });
  expect(expectedJobs(QUEUES, [emails, { queue: null, jobs: 8 }])).toEqual({
    emails: 5,
    "orders.fifo": 4,
    reports: 4,
  });
});

test("a name that no queue has is an error that names the nearest", () => {
  expect(() => expectedJobs(QUEUES, [{ queue: "email", jobs: 1 }])).toThrow(
    expect.objectContaining({ code: "QR_QUEUE_NOT_FOUND", fix: 'Did you mean "emails"?' }),
  );
});
