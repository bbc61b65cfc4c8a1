import type { ActualEndpoint } from "../actual/actual-state.js";
import { HTTP_PAYLOAD_FORMAT } from "../desired/desired-endpoint.js";
import type { DesiredEndpoint } from "../desired/desired-state.js";
import { EVERYBODY } from "../desired/invokers.js";
import { changed, tagChanges } from "./changes.js";
import type { PlanDraft } from "./plan-draft.js";
import type { PermissionId } from "./step.js";

/** What a public function URL needs; see PermissionId. */
const URL_PERMISSIONS: readonly PermissionId[] = ["queue-run-url", "queue-run-invoke"];
const API_PERMISSIONS: readonly PermissionId[] = ["queue-run-api"];

/**
 * Where the API answers. A function URL is made as soon as the alias is there, and opened when the alias points at
 * what is to serve; an HTTP API is connected then. What the project no longer uses of the two goes at last.
 */
export function planEndpoint(
  draft: PlanDraft,
  endpoint: DesiredEndpoint,
  actual: ActualEndpoint | null,
): void {
  const { unit, type, functionName } = endpoint;
  const isUrl = type === "url";
  if (isUrl) planFunctionUrl(draft, endpoint, actual?.functionUrl ?? null);
  else planApi(draft, endpoint, actual?.api ?? null);

  const [wanted, unwanted] = isUrl ? [URL_PERMISSIONS, API_PERMISSIONS] : [API_PERMISSIONS, URL_PERMISSIONS];
  const aliasSteps = [`create-alias ${functionName}`, `update-alias ${functionName}`];
  for (const statementId of wanted) {
    const before = actual?.permissions[statementId];
    // An API that is made anew has another id.
    const invoker = isUrl ? EVERYBODY : (actual?.api?.id ?? null);
    if (before !== undefined && before === invoker) continue;
    const operation = { type: "add-permission", functionName, statementId } as const;
    const changes = before === undefined ? [] : changed("whom it lets in", before, invoker ?? "the new API");
    draft.step({ unit, phase: "switch", operation, changes, after: aliasSteps });
  }
  if (isUrl && actual?.api)
    draft.step({ unit, phase: "narrow", operation: { type: "delete-api", name: endpoint.name } });
  if (!isUrl && actual?.functionUrl)
    draft.step({ unit, phase: "narrow", operation: { type: "delete-function-url", functionName } });
  for (const statementId of unwanted) {
    if (actual?.permissions[statementId] === undefined) continue;
    const operation = { type: "remove-permission", functionName, statementId } as const;
    draft.step({ unit, phase: "narrow", operation });
  }
  if (isUrl ? actual?.api : actual?.functionUrl)
    draft.note(
      `http is "${type}" now: the API gets another address, and the one it had stops answering at the end of the deploy`,
    );
}

function planFunctionUrl(
  draft: PlanDraft,
  { unit, functionName }: DesiredEndpoint,
  actual: ActualEndpoint["functionUrl"],
): void {
  if (actual === null) {
    const after = [`create-alias ${functionName}`];
    draft.step({ unit, phase: "code", operation: { type: "create-function-url", functionName }, after });
    return;
  }
  const changes = [
    ...changed("authorization", actual.authType, "NONE"),
    ...changed("invoke mode", actual.invokeMode, "RESPONSE_STREAM"),
    // Answers have their own: a browser takes none that has both.
    ...changed("CORS of the URL", actual.hasCors, false),
  ];
  if (changes.length > 0) {
    const after = [`update-alias ${functionName}`];
    draft.step({
      unit,
      phase: "switch",
      operation: { type: "update-function-url", functionName },
      changes,
      after,
    });
  }
}

function planApi(
  draft: PlanDraft,
  { unit, name, functionName, functionArn, tags }: DesiredEndpoint,
  actual: ActualEndpoint["api"],
): void {
  if (actual === null) {
    const changes = Object.entries(tags).flatMap(([tag, value]) => changed(`tag ${tag}`, null, value));
    draft.step({ unit, phase: "prepare", operation: { type: "create-api", name, tags }, changes });
  }
  const connection = [
    ...changed("integration", actual?.integrationUri, functionArn),
    ...changed("payload format", actual?.payloadFormat, HTTP_PAYLOAD_FORMAT),
    ...changed("route $default", actual?.hasRoute ?? false, true),
    ...changed("stage $default", actual?.hasStage ?? false, true),
  ];
  if (connection.length > 0) {
    const after = [
      `create-alias ${functionName}`,
      `update-alias ${functionName}`,
      `add-permission queue-run-api ${functionName}`,
    ];
    const operation = { type: "connect-api", name, functionArn } as const;
    draft.step({ unit, phase: "switch", operation, changes: connection, after });
  }
  if (actual === null) return;
  const { changes, ...tagging } = tagChanges(actual.tags, tags);
  if (changes.length > 0)
    draft.step({ unit, phase: "prepare", operation: { type: "tag-api", name, ...tagging }, changes });
}
