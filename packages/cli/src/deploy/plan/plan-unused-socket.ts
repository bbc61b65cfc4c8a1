import type { IamStatement } from "@queue-run/runtime/config";
import type { ActualState } from "../actual/actual-state.js";
import { SOCKET_UNIT } from "../desired/desired-socket.js";
import type { DesiredState } from "../desired/desired-state.js";
import { socketName } from "../desired/resource-names.js";
import { isOurs } from "../desired/resource-tags.js";
import type { PlanDraft } from "./plan-draft.js";
import { statementsOf } from "./policy-statements.js";
import type { RemovedParts } from "./removed-parts.js";

/**
 * The WebSocket API of a removed socket goes when nothing sends to its connections any more: a queue that is drained
 * may still do so.
 *
 * @param deleted - by name of function, the step that deletes it
 */
export function planUnusedSocket(
  draft: PlanDraft,
  { functions }: RemovedParts,
  deleted: ReadonlyMap<string, string>,
  { scope }: DesiredState,
  actual: ActualState,
): void {
  const api = actual.socket?.api;
  if (!api || !isOurs(api.tags, scope)) return;
  const users = functions.filter(({ id, physicalName }) => {
    const found = actual.functions[physicalName];
    const statements = statementsOf(found?.role?.policy ?? null);
    return found?.latest && (id === "socket" || statements.some(allowsSending));
  });
  const before = users.map(({ physicalName }) => deleted.get(physicalName));
  if (before.includes(undefined)) {
    draft.note("the socket's API stays: functions that may send to it do; run again when they are gone");
    return;
  }
  const operation = { type: "delete-api", name: socketName(scope) } as const;
  const after = before.filter((step) => step !== undefined);
  draft.step({ unit: SOCKET_UNIT, phase: "remove", operation, after });
}

function allowsSending({ Action }: IamStatement): boolean {
  return [Action].flat().includes("execute-api:ManageConnections");
}
