import { QueueRunError } from "@queue-run/runtime/errors";

/** @param files - that are there already, relative to the folder */
export function initConflictError(folder: string, files: readonly string[]): QueueRunError {
  return new QueueRunError({
    code: "QR_INIT_CONFLICT",
    message: `${folder} already has ${files.join(", ")}. Nothing was written.`,
    fix: "Name an empty folder (queue-run init my-app), move these files away, or choose another --template.",
    details: { files },
  });
}

/** The person who was asked pressed Ctrl-C or Escape. */
export function initCancelledError(): QueueRunError {
  return new QueueRunError({
    code: "QR_INIT_CANCELLED",
    message: "Nothing was written.",
    fix: "Run it again, or say everything at once: queue-run init my-app --template queue.",
  });
}
