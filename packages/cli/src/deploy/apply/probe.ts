import { eventually } from "../waiting.js";

/** One that tries for all may try often. */
const LONGEST_PAUSE_MS = 1_000;

type Waiting = Omit<Parameters<typeof eventually>[1], "stop"> & { stop: AbortSignal };

/** Does something that fails until AWS has got round to something else, for many alike. */
export type Probe = <T>(attempt: () => Promise<T>, waiting: Waiting) => Promise<T>;

/**
 * Of many that wait for the same, one tries; when it gets through, the others do. Fifty functions whose roles are new
 * would otherwise spend Lambda's rate on being refused.
 */
export function createProbe(): Probe {
  let isOpen = false;
  let probing: Promise<void> | null = null;
  /** What the one that tried gave up with: the others need not try as long. */
  let gaveUp: { error: unknown } | null = null;

  async function probe<T>(attempt: () => Promise<T>, waiting: Waiting): Promise<T> {
    let release = () => {};
    probing = new Promise((resolve) => {
      release = resolve;
    });
    try {
      const result = await eventually(attempt, { ...waiting, longestPauseMs: LONGEST_PAUSE_MS });
      isOpen = true;
      return result;
    } catch (error) {
      if (waiting.isPassing(error)) gaveUp = { error };
      throw error;
    } finally {
      probing = null;
      release();
    }
  }

  return async (attempt, waiting) => {
    for (;;) {
      while (probing) await probing;
      if (gaveUp) throw gaveUp.error;
      if (!isOpen) return probe(attempt, waiting);
      try {
        return await attempt();
      } catch (error) {
        if (!waiting.isPassing(error)) throw error;
        isOpen = false;
      }
    }
  };
}
