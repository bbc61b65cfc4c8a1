import { QueueRunError } from "@queue-run/runtime/errors";

/** A write to the local jobs' store failed. What was being written is refused, and so is everything until a restart. */
export function localStoreFailed(cause: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_LOCAL_STORE_FAILED",
    message: `The local jobs could not be written to disk (${reasonOf(cause)}), so the local SQS takes nothing more: what it acknowledged before is safe, what it refuses is not kept`,
    fix: "Make room on the disk or mend what the reason names, then start queue-run dev again",
    cause,
  });
}

/** Another server has the store open. */
export function localStoreLocked(directory: string, cause: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_LOCAL_STORE_LOCKED",
    message: `Another queue-run dev is using the local jobs in ${directory}`,
    fix: "Stop the other server (look for it with: ps ax | grep queue-run), or run this one in another folder with --cwd",
    cause,
  });
}

/** The store cannot be read. Starting with an empty one would lose jobs in silence. */
export function localStoreCorrupt(directory: string, cause: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_LOCAL_STORE_CORRUPT",
    message: `The local jobs in ${directory} cannot be read: ${reasonOf(cause)}`,
    fix: "Start with --fresh to forget the local jobs and begin with an empty store; to keep them for a look, copy the folder first",
    cause,
  });
}

/** The store's folder cannot be made or opened: no permission, no space, not a folder. */
export function localStoreUnavailable(directory: string, cause: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_LOCAL_STORE_UNAVAILABLE",
    message: `The folder for the local jobs, ${directory}, cannot be opened: ${reasonOf(cause)}`,
    fix: `Let this user read and write ${directory}, or remove what is in its way`,
    cause,
  });
}

/** The broker has been closed. */
export function localStoreClosed(): QueueRunError {
  return new QueueRunError({
    code: "QR_LOCAL_STORE_CLOSED",
    message: "The local SQS has been stopped",
    fix: "Start queue-run dev again",
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
