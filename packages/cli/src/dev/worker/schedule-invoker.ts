import type { ScheduleInput } from "@queue-run/runtime/config";
import { onLifecycle } from "@queue-run/runtime/instance";
import type { UserModule } from "@queue-run/runtime/lambda/queue";
import type { LambdaContext } from "./lambda-context.js";
import { toPortableError } from "./portable-error.js";
import type { ScheduleAnswer, WorkerFunction } from "./protocol.js";

/**
 * Runs a schedule's function. As on Lambda, a handler that throws leaves its environment as it was: its error is an
 * answer here. Code that cannot be loaded is none.
 *
 * @param loadFile - loads a source file's module
 * @throws what loading the code threw
 */
export function scheduleInvoker(
  { name, cron, settings, file, index }: Extract<WorkerFunction, { kind: "schedule" }>,
  loadFile: (file: string) => Promise<UserModule>,
): (input: ScheduleInput, context: LambdaContext) => Promise<ScheduleAnswer> {
  let failedWith: unknown = null;
  onLifecycle("jobFailed", ({ error }) => {
    failedWith = error;
  });
  // Most workers never run a schedule.
  const handler = import("@queue-run/runtime/lambda/schedule").then(({ createScheduleHandler }) =>
    createScheduleHandler({
      name,
      cron,
      settings,
      load: () => loadFile(file),
      ...(index !== null && { loadIndex: () => loadFile(index) }),
    }),
  );
  return async (input, context) => {
    try {
      await (await handler)(input, context);
      return { error: null };
    } catch (error) {
      if (error !== failedWith) throw error;
      return { error: toPortableError(error) };
    }
  };
}
