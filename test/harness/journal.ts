import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type WaitOptions, waitFor } from "./wait-for.js";

/** One thing that a handler of a test project has noted. */
export type Entry = { at: number; event: string } & Record<string, unknown>;

/**
 * What handlers in another process did. They append a line to a file with one write each, so that nothing they noted is
 * lost when they, or their server, are killed.
 */
export type Journal = {
  /** All entries, or those of one event, in the order in which they were noted. */
  entries: (event?: string) => Entry[];
  /** Waits until there are at least this many entries of an event, and returns them. */
  until: (event: string, count: number, options?: WaitOptions) => Promise<Entry[]>;
};

/** The file lib/journal.ts of a test project; its handlers call `note("started", { … })`. */
export const journalSource = `
import { appendFileSync } from "node:fs";

export function note(event: string, details: Record<string, unknown> = {}) {
  appendFileSync("journal.jsonl", JSON.stringify({ at: Date.now(), event, ...details }) + "\\n");
}
`;

/** @param folder - of a project whose handlers use `journalSource`, with its server's working directory there */
export function journalOf(folder: string): Journal {
  const file = join(folder, "journal.jsonl");
  const entries: Journal["entries"] = (event) => {
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n");
    const complete = lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
    return event ? complete.filter((entry) => entry.event === event) : complete;
  };
  return {
    entries,
    async until(event, count, options) {
      try {
        return await waitFor(
          `${count} × ${event}`,
          () => {
            const seen = entries(event);
            return seen.length >= count ? seen : null;
          },
          options,
        );
      } catch (error) {
        throw new Error(
          `${error instanceof Error ? error.message : error}\nJournal: ${JSON.stringify(entries())}`,
        );
      }
    },
  };
}
