import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PortableError } from "../dev/worker/protocol.js";
import { humanReporter } from "./human-reporter.js";
import type { Reporter } from "./reporter.js";

const source = {
  handler: "emails",
  requestId: null,
  queueName: "emails",
  jobId: "1",
  attempt: 1,
  traceId: null,
};
const job = {
  queueName: "emails",
  jobId: "0123456789abcdef",
  job: "default",
  groupId: null,
  attempt: 2,
  maxAttempts: 5,
  source,
};

let root: string;
let out: string;
let err: string;
let reporter: Reporter;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-report-")));
  out = "";
  err = "";
  reporter = reporterWith(false);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function reporterWith(colors: boolean): Reporter {
  return humanReporter({
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    root,
    colors,
    now: () => Date.UTC(2026, 0, 1),
  });
}

function thrownAt(file: string, line: number, column: number, message = "boom"): PortableError {
  const stack = `Error: ${message}\n    at explode (file://${join(root, file)}:${line}:${column})\n    at node:internal/x:1:1`;
  return { name: "Error", message, stack, code: null, fix: null, cause: null };
}

it("shows the end of the trace, by which a request's line and those of its jobs belong together", () => {
  const traced = { ...source, traceId: "5759e988bd862e3fe1be46a994272793" };
  reporter.event({ kind: "response", method: "POST", path: "/", status: 202, durationMs: 3, source: traced });
  reporter.event({ kind: "jobStarted", ...job, source: traced });
  reporter.flush();
  expect(out.match(/ trace 94272793$/gm)).toHaveLength(2);
});

describe("a run of a schedule", () => {
  const run = {
    ...job,
    queueName: null,
    scheduleName: "daily",
    attempt: 1,
    maxAttempts: 2,
    source: { ...source, handler: "daily", queueName: null },
  };

  it("is told of by the schedule's name", () => {
    reporter.event({ kind: "jobStarted", ...run });
    const outcome = { kind: "given-up", reason: "attempt 1 of 1 failed" } as const;
    reporter.event({ kind: "jobFailed", durationMs: 3, error: thrownAt("x.ts", 1, 1), outcome, ...run });
    reporter.event({ kind: "jobSkipped", reason: "the run before it goes on", ...run });
    reporter.flush();
    expect(out).toMatch(
      /daily 01234567 started\n.*daily 01234567 failed after 3 ms, given up: attempt 1 of 1 failed\n/,
    );
    expect(out).toContain("daily 01234567 skipped: the run before it goes on\n");
  });

  it("whose function could not tell of it is told of with the cause and what comes next", () => {
    const died = { kind: "died", cause: { kind: "exit", exitCode: 3 } } as const;
    const failure = { scheduleName: "daily", jobId: "0123456789abcdef", outcome: died };
    reporter.runFailed({ ...failure, againInSeconds: 60 });
    reporter.runFailed({ ...failure, againInSeconds: null });
    reporter.flush();
    const why = "the handler ended its process \\(exit code 3\\)";
    expect(out).toMatch(
      new RegExp(`daily 01234567 failed: ${why}; again in 1 min\n.*daily 01234567 failed: ${why}; given up`),
    );
  });
});

describe("a job", () => {
  it("is told of with its queue, id, attempt and time", () => {
    reporter.event({ kind: "jobStarted", ...job });
    reporter.event({ kind: "jobFinished", durationMs: 12, ...job });
    reporter.flush();
    expect(out).toMatch(/emails 01234567 started \(attempt 2 of 5\)\n.*emails 01234567 done in 12 ms/);
  });

  it("that failed is told of with its next attempt and the line of code", () => {
    mkdirSync(join(root, "queues"));
    writeFileSync(join(root, "queues/emails.ts"), "one();\n  two();\nthree();\n");
    const outcome = { kind: "retry", delaySeconds: 4 } as const;
    const error = thrownAt("queues/emails.ts", 2, 3);
    reporter.event({ kind: "jobFailed", durationMs: 3, error, outcome, ...job });
    reporter.flush();
    expect(out).toContain("failed after 3 ms (attempt 2 of 5), again in 4 s");
    expect(out).toContain("queues/emails.ts:2:3 (explode)");
    expect(out).toMatch(/> 2 \| {3}two\(\);\n.*\| {3}\^/);
    expect(out).not.toContain("node:internal");
  });

  it("that was dead-lettered says why", () => {
    const outcome = { kind: "dead-letter", reason: "attempt 5 of 5 failed" } as const;
    reporter.event({ kind: "jobFailed", durationMs: 3, error: thrownAt("gone.ts", 1, 1), outcome, ...job });
    reporter.flush();
    expect(out).toContain("dead-lettered: attempt 5 of 5 failed");
  });

  it("whose process ended says when it is back", () => {
    const outcome = { kind: "died", cause: { kind: "exit", exitCode: 3 } } as const;
    const messages = [{ messageId: "0123456789abcdef", receiveCount: 1 }];
    reporter.batchFailed({ queueName: "emails", messages, outcome, backInSeconds: 2 });
    reporter.flush();
    expect(out).toMatch(/emails 01234567 failed: the handler ended its process \(exit code 3\); back in 2 s/);
  });
});

it("prefixes every line that a handler logs", () => {
  reporter.event({ kind: "log", level: "info", text: "one\ntwo", source });
  reporter.flush();
  expect(out).toBe("emails | one\nemails | two\n");
});

it("escapes control characters of what it is told, in every place", () => {
  const evil = "\u001b[31mevil";
  reporter.event({ kind: "jobStarted", ...job, queueName: evil, jobId: evil, groupId: evil, job: evil });
  reporter.event({
    kind: "error",
    error: thrownAt(`${evil}.ts`, 1, 1, evil),
    source: { ...source, handler: evil },
  });
  reporter.output(evil, "stdout", evil);
  reporter.requestFailed({ method: "GET", path: evil, requestId: "1" }, { kind: "no-answer" });
  reporter.warning(evil);
  reporter.reloaded([evil], 1);
  reporter.problems([{ code: "QR_X", file: evil, line: 1, column: 1, message: evil, fix: evil }]);
  reporter.flush();
  expect(out + err).not.toContain("\u001b");
});

it("uses colour where it may", () => {
  reporter = reporterWith(true);
  reporter.event({ kind: "response", method: "GET", path: "/", status: 200, durationMs: 1, source });
  reporter.flush();
  expect(out).toContain("\u001b[32m200");
});

it("tells problems with place and mend on stderr", () => {
  reporter.problems([
    { code: "QR_X", file: "a.ts", line: 3, column: 7, message: "It is wrong.", fix: "Mend it." },
  ]);
  reporter.flush();
  expect(err).toContain("a.ts:3:7 It is wrong.\n  Mend it. [QR_X]");
  expect(err).toContain("last good code");
});
