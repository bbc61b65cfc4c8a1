import { durationInSeconds, sizeInBytes } from "@queue-run/runtime/config";
import { type Command, InvalidArgumentError } from "commander";
import type { ExpectedUse } from "../deploy/manage/cost/estimate-cost.js";
import { expectedJobs, type JobsFigure } from "../deploy/manage/cost/expected-jobs.js";
import { ProjectProblemsError } from "../errors/project-errors.js";
import type { Manifest } from "../project/manifest.js";
import { readProject } from "../project/read-project.js";
import type { CommandIo, GlobalOptions } from "./command.js";

type CostFlags = GlobalOptions & {
  stage: string;
  jobs?: JobsFigure[];
  requests: number;
  messages: number;
  jobTime: number;
  requestTime: number;
  payload: number;
  json?: boolean;
};

/** `queue-run cost`: what the project would cost on AWS in a month. Needs no account. */
export function configure(command: Command, io: CommandIo): void {
  command
    .option("--stage <stage>", "the stage that queue-run.config.ts is asked for", "prod")
    .option(
      "--jobs <number>",
      "jobs a month, shared evenly by the queues; or NAME=NUMBER for one queue, repeatable (default: 100000)",
      toJobs,
    )
    .option("--requests <number>", "HTTP requests a month", toCount, 100_000)
    .option("--messages <number>", "messages of the socket a month, in and out", toCount, 100_000)
    .option("--job-time <duration>", "how long a job runs on average", toSeconds, 0.2)
    .option("--request-time <duration>", "how long a request runs on average", toSeconds, 0.05)
    .option("--payload <size>", "an average message, with its envelope", toBytes, 1024)
    .option("--json", "print the estimate as JSON")
    .action(async () => {
      const flags = command.optsWithGlobals<CostFlags>();
      const reading = await readProject(flags.cwd, { stage: flags.stage });
      if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
      const [{ estimateCost }, { costText }, { PRICES, FREE_TIER }] = await Promise.all([
        import("../deploy/manage/cost/estimate-cost.js"),
        import("../deploy/manage/cost/print-cost.js"),
        import("../deploy/manage/cost/prices.js"),
      ]);
      const estimate = estimateCost(reading.manifest, await expectedUse(reading.manifest, flags));
      const text = flags.json
        ? JSON.stringify({ ...estimate, prices: PRICES, freeTier: FREE_TIER }, null, 2)
        : costText(estimate);
      io.stdout.write(`${text}\n`);
    });
}

async function expectedUse(manifest: Manifest, flags: CostFlags): Promise<ExpectedUse> {
  return {
    jobs: expectedJobs(
      manifest.queues.map(({ name }) => name),
      flags.jobs ?? [],
    ),
    jobSeconds: flags.jobTime,
    payloadBytes: flags.payload,
    requests: flags.requests,
    requestSeconds: flags.requestTime,
    messages: flags.messages,
    scheduledRuns: await runsOfSchedules(manifest),
  };
}

/** How often each schedule runs in the thirty days from today. */
async function runsOfSchedules({ schedules }: Manifest): Promise<Record<string, number>> {
  if (schedules.length === 0) return {};
  const { countRuns } = await import("../schedules/count-runs.js");
  const month = { firstDayMs: Date.now() - (Date.now() % DAY_MS), days: 30 };
  return Object.fromEntries(schedules.map(({ name, expression }) => [name, countRuns(expression, month)]));
}

const DAY_MS = 86_400_000;

function toJobs(text: string, earlier: readonly JobsFigure[] = []): JobsFigure[] {
  const [, queue = null, number = ""] = /^(?:([^=]+)=)?(.*)$/.exec(text) ?? [];
  return [...earlier, { queue, jobs: toCount(number) }];
}

function toCount(text: string): number {
  const count = /^\d[\d_,]*(\.\d+)?(e\d+)?$/i.test(text) ? Number(text.replaceAll(/[_,]/g, "")) : Number.NaN;
  if (!Number.isFinite(count))
    throw new InvalidArgumentError("It is a number a month, such as 1000000 or 1e6.");
  return count;
}

function toSeconds(text: string): number {
  const seconds = durationInSeconds(/^[\d.]+$/.test(text) ? Number(text) : text);
  if (seconds === null) throw new InvalidArgumentError('It is a duration, such as "200ms" or "5s".');
  return seconds;
}

function toBytes(text: string): number {
  const bytes = sizeInBytes(/^\d+$/.test(text) ? Number(text) : text);
  if (bytes === null) throw new InvalidArgumentError('It is a size, such as "2KB".');
  return bytes;
}
