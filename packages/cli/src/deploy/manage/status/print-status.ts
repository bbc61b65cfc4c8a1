import type { Colors } from "picocolors/types.js";
import { durationText } from "../../../terminal/duration-text.js";
import { columns } from "../../../terminal/served-table.js";
import { undeliverableQueueName } from "../../desired/resource-names.js";
import type { QueueStatus, StageStatus } from "./read-status.js";

/**
 * The stage as a person reads it.
 *
 * @param nextRuns - by schedule file's name: "next 2026-11-23 09:00"; of the files as they are here
 */
export function statusText(
  status: StageStatus,
  nextRuns: ReadonlyMap<string, string>,
  colors: Colors,
): string {
  const { project, stage, region, url, socketUrl, functions, queues, schedules } = status;
  const addresses = [url, socketUrl].flatMap((address) => (address === null ? [] : [`  ${address}`]));
  const parts = [[`${colors.bold(project)} ${stage} in ${region}`, ...addresses]];
  parts.push([
    colors.bold("Functions"),
    ...columns(functions.map(({ id, physicalName, version }) => [id, `version ${version}`, physicalName])),
  ]);
  if (queues.length > 0) {
    const rows = queues.map((queue) => [queue.name, ...countsOf(queue)]);
    parts.push([
      colors.bold("Queues"),
      ...columns([["", "visible", "in flight", "delayed", "oldest", "dead letters"], ...rows]),
    ]);
    const dead = queues.filter(({ deadLetters }) => (deadLetters ?? 0) > 0);
    if (dead.length > 0) parts.push([`npx queue-run failed ls --stage ${stage}   # why they failed`]);
  }
  if (status.undeliverable)
    parts.push([
      `${status.undeliverable} delayed ${status.undeliverable === 1 ? "job" : "jobs"} could not be sent, and ${status.undeliverable === 1 ? "is" : "are"} kept in ${undeliverableQueueName(status)}`,
    ]);
  if (schedules.length > 0) {
    const rows = schedules.map((name) => [name, nextRuns.get(name) ?? ""]);
    parts.push([colors.bold("Schedules"), ...columns(rows)]);
  }
  return parts.map((lines) => lines.join("\n")).join("\n\n");
}

function countsOf({ visible, inFlight, delayed, oldestSeconds, deadLetters }: QueueStatus): string[] {
  if (visible === null) return ["is not there: deploy --refresh makes it again"];
  return [
    String(visible),
    String(inFlight),
    String(delayed),
    oldestSeconds === null ? "-" : durationText(oldestSeconds * 1_000),
    deadLetters === null ? "-" : String(deadLetters),
  ];
}
