import picocolors from "picocolors";
import { expect, test } from "vitest";
import { logLineText, toLogLine } from "./log-line.js";

const colors = picocolors.createColors(false);
const event = (message: unknown) => ({
  eventId: "1",
  timestamp: Date.UTC(2026, 10, 22, 10),
  message: typeof message === "string" ? message : JSON.stringify(message),
});
const text = (message: unknown, all = false) => {
  const line = toLogLine(event(message), "queue:emails", all);
  return line && logLineText(line, colors);
};

test("shows a handler's line with its job, and an error with its stack", () => {
  expect(text({ level: "INFO", jobId: "j1", message: "sent" })).toBe(
    "2026-11-22T10:00:00.000Z queue:emails j1 sent",
  );
  expect(text({ level: "INFO", message: { user: 1 } })).toContain('{"user":1}');
  expect(
    text({
      level: "ERROR",
      message: "Job, attempt 1 of 5, failed",
      error: { name: "Error", message: "no", stack: "Error: no\n    at queues/emails.ts:3:9" },
    }),
  ).toBe("2026-11-22T10:00:00.000Z queue:emails Job, attempt 1 of 5, failed\n  at queues/emails.ts:3:9");
});

test("shows Lambda's own reports only of what went wrong, unless all are asked for", () => {
  const report = (status: string) => ({
    time: "2026-11-22T10:00:00.000Z",
    type: "platform.report",
    record: { requestId: "r", status, metrics: { durationMs: 3_000 } },
  });
  expect(text(report("success"))).toBeNull();
  expect(text(report("success"), true)).toContain("Lambda: report success after 3000 ms");
  expect(text(report("timeout"))).toContain("Lambda: report timeout after 3000 ms");
  expect(text({ type: "platform.start", record: { requestId: "r" } })).toBeNull();
});

test("shows text as it is, with control characters escaped", () => {
  expect(text("plain \u001b[31mred\n")).toBe("2026-11-22T10:00:00.000Z queue:emails plain \\x1b[31mred");
  expect(text("{not json")).toContain("{not json");
  expect(text("[1]")).toContain("[1]");
});
