import type { Queues } from "./queues/queues.js";
import type { Runner } from "./runner/runner.js";
import type { ServedProject } from "./served-project.js";

/** What `/_queue-run/status` answers. */
export function statusOf(
  project: ServedProject,
  runner: Runner,
  url: string,
  { shownEndpoint }: Queues,
): object {
  const { name, routes, queues, schedules, socket } = project.manifest();
  const nextRun = (schedule: string) => {
    const atMs = project.scheduler()?.nextRunMs(schedule) ?? null;
    return atMs === null ? null : new Date(atMs).toISOString();
  };
  return {
    project: name,
    url,
    sqsEndpoint: shownEndpoint,
    running: runner.busyCount(),
    routes: routes.map(({ path, file }) => ({ path, file })),
    queues: queues.map(({ name: queue, file, fifo }) => ({ name: queue, file, fifo })),
    schedules: schedules.map(({ name: schedule, file, expression }) => ({
      name: schedule,
      file,
      schedule: expression.text,
      nextRun: nextRun(schedule),
    })),
    socket: socket && { file: socket.file, url: url.replace(/^http/, "ws") },
  };
}
