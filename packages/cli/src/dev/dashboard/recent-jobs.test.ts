import { expect, it } from "vitest";
import type { Reporter } from "../../terminal/reporter.js";
import type { WorkerEvent } from "../worker/protocol.js";
import { createRecentEvents } from "./recent-events.js";
import { recentJobs } from "./recent-jobs.js";
import { recordingReporter } from "./recording-reporter.js";

const source = {
  handler: "emails",
  requestId: "r",
  queueName: "emails",
  jobId: "j1",
  attempt: 1,
  traceId: "5759e988bd862e3fe1be46a994272793",
};
const job = {
  queueName: "emails",
  jobId: "j1",
  job: "default",
  groupId: null,
  attempt: 1,
  maxAttempts: 3,
  source,
};
const error = { name: "Error", message: "no", stack: null, code: null, fix: null, cause: null };

/** What a reporter is told, remembered. */
function recorded(limit: number) {
  const told: string[] = [];
  let now = 0;
  const recent = createRecentEvents(limit, () => ++now);
  const watching = { event: ({ kind }: WorkerEvent) => told.push(kind), warning() {} } as unknown as Reporter;
  return { recent, told, reporter: recordingReporter(watching, recent) };
}

it("makes jobs of what is told: their last state, the latest first", () => {
  const { recent, reporter, told } = recorded(10);
  reporter.event({ kind: "jobStarted", ...job });
  reporter.event({ kind: "jobStarted", ...job, jobId: "j2" });
  reporter.event({
    kind: "jobFailed",
    ...job,
    durationMs: 4,
    error,
    outcome: { kind: "retry", delaySeconds: 2 },
  });
  reporter.event({ kind: "log", level: "info", text: "hello", source });
  expect(recentJobs(recent.list(), 10)).toMatchObject([
    { jobId: "j1", state: "to be retried", note: "again in 2 s", error: { message: "no" }, durationMs: 4 },
    { jobId: "j2", state: "running", durationMs: null, traceId: source.traceId },
  ]);
  expect(recentJobs(recent.list(), 1)).toHaveLength(1);
  expect(told).toEqual(["jobStarted", "jobStarted", "jobFailed", "log"]);
});

it("remembers the last events alone, in order, and no more of a line than can be read", () => {
  const { recent, reporter } = recorded(3);
  const texts: string[] = [];
  const stop = recent.listen((event) =>
    event.tell({ event: () => texts.push("heard") } as unknown as Reporter),
  );
  for (let count = 0; count < 5; count++)
    reporter.event({ kind: "log", level: "info", text: `${count}`.repeat(20_000), source });
  stop();
  reporter.warning("careful");
  const kept: string[] = [];
  const reading = {
    event: (event: WorkerEvent) => kept.push("text" in event ? event.text : ""),
    warning: (text: string) => kept.push(text),
  } as unknown as Reporter;
  for (const { tell } of recent.list()) tell(reading);
  expect(kept).toEqual(["3".repeat(10_000), "4".repeat(10_000), "careful"]);
  expect(texts).toHaveLength(5);
});
