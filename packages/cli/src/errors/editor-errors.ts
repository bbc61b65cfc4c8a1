import { QueueRunError } from "@queue-run/runtime/errors";
import { UsageError } from "./usage-error.js";

/** No payload was given, and there is no terminal to edit it on. */
export function noEditorError(): UsageError {
  return new UsageError({
    code: "QR_NO_EDITOR",
    message: "There is no new payload, and no terminal to edit the old one on.",
    fix: "Give the payload: JSON or text, @file, or - for standard input.",
  });
}

/** @param editor - the command; @param reason - what became of it */
export function editorFailedError(editor: string, reason: string): QueueRunError {
  return new QueueRunError({
    code: "QR_EDITOR_FAILED",
    message: `The editor ${editor} could not be used: ${reason}.`,
    fix: "Set EDITOR to another one, or give the payload on the command line.",
  });
}

/** @param why - "its payload is bytes" */
export function notEditableError(jobId: string, why: string): QueueRunError {
  return new QueueRunError({
    code: "QR_NOT_EDITABLE",
    message: `The payload of ${jobId} was not changed, and it is where it was: ${why}.`,
    fix: `Give the payload: \`failed edit ${jobId} '{"to":"ada@example.com"}'\`, or @file.`,
  });
}
