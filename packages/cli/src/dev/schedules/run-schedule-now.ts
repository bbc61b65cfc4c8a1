import {
  scheduleDiedError,
  scheduleFailedError,
  scheduleNotFoundError,
  scheduleRunningError,
} from "../../errors/schedule-errors.js";
import { describeDeath } from "../runner/outcome.js";
import type { ServedProject } from "../served-project.js";

/**
 * Runs a schedule of the project now, to its end.
 *
 * @throws QueueRunError when there is no such schedule, when it is at work and must not overlap, or when the run failed
 */
export async function runScheduleNow(
  project: Pick<ServedProject, "manifest" | "scheduler">,
  name: string,
): Promise<{ jobId: string; durationMs: number }> {
  const running = project.scheduler()?.runNow(name);
  if (!running)
    throw scheduleNotFoundError(
      name,
      project.manifest().schedules.map((schedule) => schedule.name),
    );
  const result = await running;
  switch (result.kind) {
    case "done":
      return { jobId: result.jobId, durationMs: result.durationMs };
    case "skipped":
      throw scheduleRunningError(name);
    case "failed":
      if (result.error) throw scheduleFailedError(name, result.error);
      throw scheduleDiedError(
        name,
        result.outcome.kind === "died" ? describeDeath(result.outcome.cause) : "the function failed",
      );
  }
}
