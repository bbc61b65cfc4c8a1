import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import { MAX_TAG_KEY_LENGTH, MAX_TAG_VALUE_LENGTH, MAX_TAGS } from "../limits.js";
import type { Tags } from "./desired-state.js";
import { KIND_TAG, NAME_TAG, PROJECT_TAG, STAGE_TAG } from "./resource-tags.js";

const OURS = [PROJECT_TAG, STAGE_TAG, KIND_TAG, NAME_TAG];
/** What all services allow. AWS General Reference, "Tag naming limits and requirements". */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @param tags - the project's own */
export function checkTags(tags: Tags): Problem[] {
  const entries = Object.entries(tags);
  const room = MAX_TAGS - OURS.length;
  const reports = entries.flatMap(([name, value]) => tagProblem(name, value));
  reports.push(...sameToIam(Object.keys(tags)));
  if (entries.length > room)
    reports.push({
      message: `tags has ${entries.length} tags; AWS allows ${MAX_TAGS} on a resource, and ${OURS.length} of them are ours.`,
      fix: `Keep ${room} of them.`,
    });
  return reports.map(({ message, fix }) =>
    problem("QR_INVALID_CONFIG", "queue-run.config.ts", null, message, fix),
  );
}

/** Names of which IAM would take one only. IAM User Guide, "Tags for IAM resources". */
function sameToIam(names: readonly string[]): { message: string; fix: string }[] {
  const first = new Map<string, string>();
  return names.flatMap((name) => {
    const other = first.get(name.toLowerCase());
    if (other === undefined) first.set(name.toLowerCase(), name);
    return other === undefined
      ? []
      : [
          {
            message: `tags.${name} is tags.${other} to IAM, which knows no case.`,
            fix: "Keep one of the two.",
          },
        ];
  });
}

function tagProblem(name: string, value: string): { message: string; fix: string }[] {
  const report = (message: string, fix: string) => [{ message: `tags.${name} ${message}.`, fix }];
  if (name === "" || name.length > MAX_TAG_KEY_LENGTH)
    return report(
      `has a name of ${name.length} characters; AWS allows 1 to ${MAX_TAG_KEY_LENGTH}`,
      "Choose another.",
    );
  // EventBridge Scheduler API Reference, Tag: at least one character.
  if (value === "")
    return report(
      "has no value; EventBridge Scheduler wants one",
      'Give it one, say "yes", or leave it out.',
    );
  if (value.length > MAX_TAG_VALUE_LENGTH)
    return report(
      `has a value of ${value.length} characters; AWS allows ${MAX_TAG_VALUE_LENGTH}`,
      "Write a shorter one.",
    );
  if (/^(?:aws|queue-run):/i.test(name))
    return report("begins with what is kept for AWS and for queue-run", "Choose another name.");
  if (!ALLOWED.test(name) || !ALLOWED.test(value))
    return report(
      "has a character that not all of AWS's services allow",
      "Use letters, digits, spaces and _ . : / = + - @ only.",
    );
  return [];
}
