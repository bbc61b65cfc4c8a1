import { expect, test } from "vitest";
import type { DeploySummary } from "../../apply/deploy-record.js";
import { earlierDeploy, servingDeploy } from "./choose-deploy.js";

/** Oldest first: "a", "b?" (it did not end), "c<a" (it went back to a). */
function history(...texts: string[]): DeploySummary[] {
  return texts
    .map((text): DeploySummary => {
      const [, id = "", open, , back] = /^(\w)(\?)?(<(\w))?$/.exec(text) ?? [];
      return {
        id,
        at: "",
        who: "",
        status: open ? "started" : "done",
        versions: {},
        goesBackTo: back ?? null,
      };
    })
    .reverse();
}

test.each([
  [["a"], "a", null],
  [["a", "b"], "b", "a"],
  [["a", "b", "c"], "c", "b"],
  // Back once, then further.
  [["a", "b", "c", "d<b"], "b", "a"],
  [["a", "b", "c", "d<b", "e<a"], "a", null],
  // A deploy after going back.
  [["a", "b", "c<a", "d"], "d", "b"],
  // One that stopped half-way: what served before it.
  [["a", "b", "c?"], "b", "b"],
  [["a", "b", "c<a", "d?"], "a", "a"],
  [["a?"], null, null],
  [[], null, null],
] as const)("after %s, %s serves and the one before is %s", (texts, serving, earlier) => {
  const deploys = history(...texts);
  expect([servingDeploy(deploys)?.id ?? null, earlierDeploy(deploys)?.id ?? null]).toEqual([
    serving,
    earlier,
  ]);
});
