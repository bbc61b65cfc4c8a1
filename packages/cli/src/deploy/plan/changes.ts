import type { Tags } from "../desired/desired-state.js";
import { canonicalJson } from "../desired/fingerprint.js";
import type { Change } from "./step.js";

/** @returns one change, or none where both are the same whatever the order of their members */
export function changed(setting: string, from: unknown, to: unknown): Change[] {
  if (isSame(from, to)) return [];
  return [{ setting, from: valueText(from), to: valueText(to) }];
}

/** Whether two values are the same, whatever the order of members; undefined is null. */
export function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What it takes to give a resource the tags that it is to have. */
export type TagChanges = { changes: Change[]; tags: Tags; removedTags: string[] };

/** AWS's own tags, which nobody else can set. */
const AWS_PREFIX = "aws:";

/** @returns the tags to set, and the names of those to remove; no changes where there are none */
export function tagChanges(actual: Tags, desired: Tags): TagChanges {
  const set = Object.entries(desired).filter(([name, value]) => actual[name] !== value);
  const removedTags = Object.keys(actual).filter(
    (name) => !Object.hasOwn(desired, name) && !name.startsWith(AWS_PREFIX),
  );
  return {
    tags: Object.fromEntries(set),
    removedTags,
    changes: [
      ...set.flatMap(([name, value]) => changed(`tag ${name}`, actual[name], value)),
      ...removedTags.flatMap((name) => changed(`tag ${name}`, actual[name], null)),
    ],
  };
}
