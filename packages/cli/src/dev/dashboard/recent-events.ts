import type { Reporter } from "../../terminal/reporter.js";

/** Something that the dev server has told, which can be told again. */
export type RecentEvent = {
  /** Milliseconds since 1970. */
  timeMs: number;
  tell(reporter: Reporter): void;
};

/** The last things that happened, for a dashboard that is opened afterwards, and what happens next. */
export type RecentEvents = {
  /** The earliest first. */
  list(): RecentEvent[];
  add(tell: RecentEvent["tell"]): void;
  /** @returns a function that stops listening */
  listen(listener: (event: RecentEvent) => void): () => void;
};

/** @param limit - how many are kept */
export function createRecentEvents(limit: number, now: () => number): RecentEvents {
  const kept: RecentEvent[] = [];
  const listeners = new Set<(event: RecentEvent) => void>();
  let next = 0;
  return {
    list: () => [...kept.slice(next), ...kept.slice(0, next)],
    add(tell) {
      const event = { timeMs: now(), tell };
      kept[next] = event;
      next = (next + 1) % limit;
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
