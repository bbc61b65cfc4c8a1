/** What an error tells: what happened, and what to do about it. */
export type QueueRunErrorDetails = {
  /** Permanent, for programs: `QR_QUEUE_NOT_FOUND`. */
  code: `QR_${string}`;
  /** What happened, where and why, in a sentence or two. */
  message: string;
  /** What to do: names the file, the setting, the value and the limit. */
  fix?: string;
  /** The error underneath, AWS's own for instance. */
  cause?: unknown;
  /** Machine-readable details: schema issues, the limit and the size, and so on. */
  details?: Record<string, unknown>;
};

/**
 * The one class of errors that queue-run itself throws. What a user's handler throws is never wrapped in it.
 *
 * Errors are made by the functions of the catalogue (`errors/*-errors.ts`), one for each code, so that a code's
 * wording lives in one place and a bundle holds only the messages it can need.
 */
export class QueueRunError extends Error {
  readonly code: `QR_${string}`;
  readonly fix: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor({ code, message, fix, cause, details }: QueueRunErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "QueueRunError";
    this.code = code;
    this.fix = fix;
    this.details = details;
  }

  /** @returns the same error, saying which item of a list it is about */
  ofItem(index: number): QueueRunError {
    const { code, message, fix, cause, details } = this;
    return new QueueRunError({
      code,
      message: `Item ${index}: ${message}`,
      fix,
      cause,
      details: { ...details, index },
    });
  }
}
