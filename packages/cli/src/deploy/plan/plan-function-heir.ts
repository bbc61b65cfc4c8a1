import { problem } from "../../project/problem.js";
import type { DesiredState } from "../desired/desired-state.js";
import { functionName } from "../desired/resource-names.js";
import type { PlanDraft } from "./plan-draft.js";

/**
 * In a function's name a dot becomes `-`, so that the function of a new file may be the one that consumes the queue of
 * a removed file ("x.fifo", then "x-fifo"). What waits there would lose its consumer, so the two are kept apart in time.
 *
 * @param removed - name of a queue that is there and has no file: "x.fifo"
 */
export function planFunctionHeir(
  draft: PlanDraft,
  { scope, functions }: DesiredState,
  removed: string,
): void {
  const consumer = functionName(scope, `queue:${removed}`);
  const heir = functions.find(({ physicalName }) => physicalName === consumer);
  if (!heir) return;
  draft.problem(
    problem(
      "QR_NAME_TAKEN",
      heir.file,
      null,
      `The Lambda function ${consumer} consumes the queue ${removed}, which is still there; with ${heir.file} it would leave what waits in it without a consumer. Nothing was changed.`,
      `Give the file another name, or deploy without it and with --prune until the queue ${removed} is gone, then with it.`,
    ),
  );
}
