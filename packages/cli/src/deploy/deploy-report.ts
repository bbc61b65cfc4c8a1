import { QueueRunError } from "@queue-run/runtime/errors";
import picocolors from "picocolors";
import type { CommandIo } from "../commands/command.js";
import { formatProblem } from "../errors/project-errors.js";
import { escapeControl } from "../terminal/escape-control.js";
import { useColors } from "../terminal/use-colors.js";
import type { Applied } from "./apply/apply-plan.js";
import { type Addresses, publicAddresses, webSocketUrl } from "./desired/addresses.js";
import { planLines, planReport } from "./plan/print-plan.js";
import type { Plan } from "./plan/step.js";
import type { PreparedDeploy } from "./prepare-deploy.js";

/** What a deploy says on stdout: as it goes for people, once and at the end as JSON. */
export type DeployReport = {
  /** What will be done. Called again when the stage has changed meanwhile. */
  plan: (plan: Plan, addresses: Addresses) => void;
  /** One of these ends it. */
  nothingToChange: () => void;
  planned: () => void;
  applied: (applied: Applied) => void;
};

/** Who is told, and of what. */
export type Reported = Pick<PreparedDeploy, "desired" | "warnings"> & {
  /** What is being done: "Deploying". */
  heading: string;
};

const UNKNOWN: Addresses = { url: null, socketUrl: null };

export function deployReport(prepared: Reported, { json }: { json: boolean }, io: CommandIo): DeployReport {
  return json ? jsonReport(prepared, io) : textReport(prepared, io);
}

function textReport({ desired, warnings, heading }: Reported, io: CommandIo): DeployReport {
  const { project, stage, account, region } = desired.scope;
  const colors = picocolors.createColors(useColors(io));
  const write = (text: string) => void io.stdout.write(`${text}\n`);
  const place = `${project} ${stage} (account ${account}, ${region})`;
  let known = UNKNOWN;
  for (const warning of warnings) io.stderr.write(`${formatProblem(warning)}\n`);
  const next = (addresses: Addresses) => {
    const stageFlag = stage === "prod" ? "" : ` --stage ${stage}`;
    const shown = publicAddresses(addresses);
    if (shown.length > 0) write(`${shown.map((each) => `  ${colors.bold(each)}`).join("\n")}\n`);
    write(
      colors.dim(`What is there: queue-run status${stageFlag}. What it logs: queue-run logs${stageFlag}.`),
    );
  };
  return {
    plan(plan, addresses) {
      known = addresses;
      write(`${colors.bold(escapeControl(heading))} ${escapeControl(place)}`);
      write(`\n${planLines(plan, colors).join("\n")}\n`);
    },
    nothingToChange: () => next(known),
    planned: () => write("Nothing was changed: this is what deploying would do."),
    applied({ statuses, failure, ...addresses }) {
      if (failure) return;
      const left = [...statuses.values()].filter((status) => status === "left").length;
      write(`\n${colors.green("Deployed")} ${escapeControl(place)}\n`);
      if (left > 0) write("Some of it is left for later, since messages wait: run it again then.\n");
      next(addresses);
    },
  };
}

function jsonReport({ desired, warnings }: Reported, io: CommandIo): DeployReport {
  const { project, stage, account, region } = desired.scope;
  let shown: Plan = { steps: [], notes: [], problems: [] };
  let known = UNKNOWN;
  const print = (
    result: string,
    statusOf: (id: string) => string,
    error: object | null = null,
    remarks: readonly string[] = [],
  ) => {
    const { steps, notes } = planReport(shown);
    const report = {
      result,
      ...{ project, stage, account, region, url: known.url },
      socketUrl: known.socketUrl === null ? null : webSocketUrl(known.socketUrl),
      error,
      steps: steps.map((step) => ({ ...step, status: statusOf(step.id) })),
      ...{ notes: [...notes, ...remarks], warnings },
    };
    io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  };
  return {
    plan(plan, addresses) {
      shown = plan;
      known = addresses;
    },
    nothingToChange: () => print("nothing to change", () => "planned"),
    planned: () => print("planned", () => "planned"),
    applied({ statuses, url, socketUrl, remarks, failure }) {
      known = { url, socketUrl };
      const error = failure && {
        code: failure instanceof QueueRunError ? failure.code : null,
        message: failure.message,
        fix: failure instanceof QueueRunError ? (failure.fix ?? null) : null,
      };
      print(failure ? "failed" : "deployed", (id) => statuses.get(id) ?? "not started", error, remarks);
    },
  };
}
