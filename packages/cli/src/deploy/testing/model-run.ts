import type { Addresses } from "../desired/addresses.js";
import type { DesiredState, Tags } from "../desired/desired-state.js";

/** For tests: what operations of one deploy share. */
export type ModelRun = Addresses & {
  desired: DesiredState;
  /** The last published version of each function, by id. */
  versions: Map<string, string>;
  /** Queues, by physical name, that hold messages. */
  full: ReadonlySet<string>;
};

/** For tests: tags after a step has set some and taken others away. */
export function tagged(tags: Tags, { tags: set, removedTags }: { tags: Tags; removedTags: string[] }): Tags {
  const all = { ...tags, ...set };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !removedTags.includes(name)));
}

/** For tests: what AWS answers where a resource has to be there. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("AWS refuses: there is no such resource.");
  return value;
}

/** For tests: AWS's refusals. */
export function mustBe(condition: boolean, refused: string): void {
  if (!condition) throw new Error(`AWS refuses: ${refused}.`);
}
