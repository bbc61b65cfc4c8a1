import { QueueRunError } from "@queue-run/runtime/errors";

/** @param root - the folder whose dev server does not run */
export function noServerForScriptError(root: string, cause?: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_NO_DEV_SERVER",
    message: `No dev server runs for ${root}.`,
    fix: "Start one with `npx queue-run dev` in another terminal, or name a deployed stage: `queue-run exec --stage prod -- CMD`.",
    cause,
  });
}

/** The command of `exec` cannot be started. */
export function commandNotFoundError(command: string, cause: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_COMMAND_NOT_FOUND",
    message: `${command} cannot be started: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix: "See that the command is spelt as in a shell, and that it or its package is installed.",
    cause,
  });
}
