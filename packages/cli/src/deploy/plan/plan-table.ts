import { problem } from "../../project/problem.js";
import type { ActualTable } from "../actual/actual-state.js";
import type { DesiredTable, StageScope } from "../desired/desired-state.js";
import { isOurs } from "../desired/resource-tags.js";
import { changed, tagChanges } from "./changes.js";
import { nameTaken } from "./name-taken.js";
import type { PlanDraft } from "./plan-draft.js";

const FILE = "queue-run.config.ts";

export function planTable(
  draft: PlanDraft,
  { unit, name, arn, tags }: DesiredTable,
  actual: ActualTable | null,
  scope: StageScope,
): void {
  const phase = "prepare";
  if (actual !== null && !isOurs(actual.tags, scope)) {
    draft.problem(nameTaken(FILE, `The DynamoDB table ${name}`, scope, actual.tags));
    return;
  }
  if (actual !== null && !actual.keysMatch) {
    draft.problem(
      problem(
        "QR_NAME_TAKEN",
        FILE,
        null,
        `The DynamoDB table ${name} has other keys than pk and sk (strings); nothing was changed.`,
        "Keys of a table cannot be changed. Delete the table if nothing in it is needed, then deploy again.",
      ),
    );
    return;
  }
  const created =
    actual === null ? draft.step({ unit, phase, operation: { type: "create-table", name, tags } }) : null;
  if (actual === null || actual.timeToLive === "disabled") {
    const changes = changed("time to live", actual?.timeToLive ?? null, "expiresAt");
    const operation = { type: "enable-time-to-live", table: name } as const;
    draft.step({ unit, phase, operation, changes, after: [created] });
  }
  if (actual === null) return;
  if (!actual.onDemand) {
    const changes = changed("billing", "provisioned", "on demand");
    draft.step({ unit, phase, operation: { type: "bill-on-demand", table: name }, changes });
  }
  const { changes, ...tagging } = tagChanges(actual.tags, tags);
  if (changes.length > 0)
    draft.step({ unit, phase, operation: { type: "tag-table", arn, ...tagging }, changes });
}
