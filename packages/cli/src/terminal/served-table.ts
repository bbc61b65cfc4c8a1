import type { Manifest, QueueDefinition, RouteDefinition, ScheduleDefinition } from "../project/manifest.js";
import { batchLimits } from "../resources/batch-limits.js";
import { isEveryHour } from "../schedules/run-time-zone.js";
import { wallClockText } from "../schedules/time-zones.js";

const METHODS = ["get", "post", "put", "patch", "del", "delete", "head", "options"];

/**
 * What a project serves, as lines of columns.
 *
 * @param socketUrl - where browsers connect to
 * @param nextRunMs - when a schedule runs next, milliseconds since 1970; null: never by itself
 * @returns no lines for a kind that the project has none of
 */
export function servedLines(
  { routes, queues, schedules, socket }: Pick<Manifest, "routes" | "queues" | "schedules" | "socket">,
  socketUrl: string,
  nextRunMs: (schedule: string) => number | null,
): string[] {
  const lines: string[] = [];
  if (routes.length > 0)
    lines.push("Routes", ...columns(routes.map((route) => [methodsOf(route), route.path, route.file])));
  if (queues.length > 0)
    lines.push("Queues", ...columns(queues.map((queue) => [queue.name, queueText(queue), queue.file])));
  if (schedules.length > 0) {
    const rows = schedules.map((schedule) => {
      const nextMs = nextRunMs(schedule.name);
      const { name, file, settings } = schedule;
      const next = nextMs === null ? "" : `next ${wallClockText(nextMs, settings.timezone)}`;
      return [name, scheduleText(schedule), next, file];
    });
    lines.push("Schedules", ...columns(rows));
  }
  if (socket !== null) lines.push("Socket", ...columns([[socketUrl, socket.file]]));
  return lines;
}

/** "GET POST": what a route answers, or "any". */
export function methodsOf({ exports, settings }: RouteDefinition): string {
  const named = METHODS.filter((method) => exports.includes(method)).map((method) =>
    method === "del" ? "DELETE" : method.toUpperCase(),
  );
  if (named.length > 0) return [...new Set(named)].join(" ");
  return settings.methods?.join(" ") ?? "any";
}

/** "weekdays at 9:00 (Europe/Berlin)": what a schedule says. */
export function scheduleText({
  expression,
  settings,
}: Pick<ScheduleDefinition, "expression" | "settings">): string {
  return isEveryHour(expression) ? expression.text : `${expression.text} (${settings.timezone})`;
}

function queueText({ fifo, jobs, settings }: QueueDefinition): string {
  const { batchSize, maximumConcurrency } = batchLimits(settings);
  const named = jobs.filter((job) => job !== "default");
  return [
    fifo ? "FIFO" : "standard",
    `${settings.retries + 1} attempts`,
    ...(batchSize > 1 ? [`batches of ${batchSize}`] : []),
    ...(maximumConcurrency !== null ? [`${settings.concurrency} at once`] : []),
    ...(named.length > 0 ? [`jobs ${named.join(", ")}`] : []),
  ].join(", ");
}

/** Rows as lines whose columns stand under one another. */
export function columns(rows: string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd());
}
