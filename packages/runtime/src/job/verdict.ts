/** What an attempt came to, before the queue's rules (attempts left, backoff) say what becomes of the job. */
export type Verdict =
  | { kind: "done"; value?: unknown }
  /** Come back: after `delaySeconds`, or after the queue's backoff when it is null. */
  | { kind: "retry"; error: unknown; delaySeconds: number | null }
  /** No more attempts. */
  | { kind: "fail"; error: unknown };

export const DONE: Verdict = Object.freeze({ kind: "done" });

/** @returns what a thrown value asks for: `fatal` and `retryAfter` say so themselves, everything else is a retry */
export function verdictOfThrown(error: unknown): Verdict {
  const { code, details } = (error ?? {}) as { code?: unknown; details?: { delaySeconds?: unknown } };
  if (code === "QR_FATAL") return { kind: "fail", error };
  if (code === "QR_RETRY_AFTER" && typeof details?.delaySeconds === "number")
    return { kind: "retry", error, delaySeconds: details.delaySeconds };
  return { kind: "retry", error, delaySeconds: null };
}
