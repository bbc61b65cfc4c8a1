/** What AWS, or the way there, answered instead of a result. */
export type AwsErrorDetails = {
  /** The error's name, as the SDK gives it: `QueueDoesNotExist`, `AccessDenied`, `TimeoutError`. */
  name: string;
  message: string;
  /** The code of SQS's older protocol: `AWS.SimpleQueueService.NonExistentQueue`; the name where there is none. */
  code?: string;
  /** HTTP status; null when no answer came. */
  status?: number | null;
  requestId?: string | null;
  /** How long AWS asks to wait before the next attempt, in milliseconds. */
  retryAfterMs?: number | null;
  cause?: unknown;
};

/** Every failure of a call to AWS, whether AWS refused it or it never got there. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  /** How often the call was tried. */
  attempts = 1;

  constructor({ name, message, code, status, requestId, retryAfterMs, cause }: AwsErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = name;
    this.code = code ?? name;
    this.status = status ?? null;
    this.requestId = requestId ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
  }
}
