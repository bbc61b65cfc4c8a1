import type { ActualSocket } from "../actual/actual-state.js";
import type { DesiredSocket, StageScope } from "../desired/desired-state.js";
import { SOCKET_ROUTES, socketIntegrationUri } from "../desired/socket-integration.js";
import { changed, tagChanges } from "./changes.js";
import type { PlanDraft } from "./plan-draft.js";

/**
 * The WebSocket API: it is made first, since its id is in policies and in variables, and takes connections when the
 * function's alias points at what is to serve.
 */
export function planSocket(
  draft: PlanDraft,
  socket: DesiredSocket,
  actual: ActualSocket | null,
  scope: StageScope,
): void {
  const { unit, name, functionName, functionArn, stageName, tags } = socket;
  const api = actual?.api ?? null;
  if (api === null) {
    const changes = Object.entries(tags).flatMap(([tag, value]) => changed(`tag ${tag}`, null, value));
    draft.step({
      unit,
      phase: "prepare",
      operation: { type: "create-socket", name, stageName, tags },
      changes,
    });
  }
  const aliasSteps = [`create-alias ${functionName}`, `update-alias ${functionName}`];
  const statementId = "queue-run-socket";
  const before = actual?.permissions[statementId];
  if (before === undefined || before !== api?.id) {
    const operation = { type: "add-permission", functionName, statementId } as const;
    const changes = before === undefined ? [] : changed("whom it lets in", before, api?.id ?? "the new API");
    draft.step({ unit, phase: "switch", operation, changes, after: aliasSteps });
  }
  const connection = [
    ...changed("integration", api?.integrationUri, socketIntegrationUri(scope, functionArn)),
    ...changed("routes", [...(api?.routes ?? [])].sort(), [...SOCKET_ROUTES].sort()),
    ...changed(`stage ${stageName}`, api?.hasStage ?? false, true),
  ];
  if (connection.length > 0) {
    const after = [...aliasSteps, `add-permission ${statementId} ${functionName}`];
    const operation = { type: "connect-socket", name, stageName, functionArn } as const;
    draft.step({ unit, phase: "switch", operation, changes: connection, after });
  }
  if (api === null) return;
  const { changes, ...tagging } = tagChanges(api.tags, tags);
  if (changes.length > 0)
    draft.step({ unit, phase: "prepare", operation: { type: "tag-api", name, ...tagging }, changes });
}
