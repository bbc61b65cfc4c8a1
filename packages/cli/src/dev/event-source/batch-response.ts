/** Which messages of a batch failed, as an event source mapping understands a function's answer. */
export type BatchFailures = { kind: "some"; messageIds: ReadonlySet<string> } | { kind: "all"; why: string };

const NONE: BatchFailures = { kind: "some", messageIds: new Set() };

/**
 * Reads a function's answer as Lambda does when ReportBatchItemFailures is on.
 *
 * Nothing, an empty object and an empty or absent list mean that all went well; an item without an identifier, one
 * that names no message of the batch, or a list that is none, mean that all failed.
 * Lambda Developer Guide, "Implementing partial batch responses"; the empty object and the wrong key recorded on AWS.
 *
 * @param response - what the handler returned
 * @param messageIds - of the batch
 */
export function batchFailures(response: unknown, messageIds: ReadonlySet<string>): BatchFailures {
  if (response === null || response === undefined) return NONE;
  if (typeof response !== "object")
    return { kind: "all", why: "the function returned something that is no object" };
  const items: unknown = "batchItemFailures" in response ? response.batchItemFailures : null;
  if (items === null || items === undefined) return NONE;
  if (!Array.isArray(items)) return { kind: "all", why: "batchItemFailures is not a list" };
  const failed = new Set<string>();
  for (const item of items as unknown[]) {
    const id: unknown =
      typeof item === "object" && item !== null && "itemIdentifier" in item ? item.itemIdentifier : null;
    if (typeof id !== "string" || id === "") return { kind: "all", why: "an item has no itemIdentifier" };
    if (!messageIds.has(id)) return { kind: "all", why: `itemIdentifier "${id}" is no message of the batch` };
    failed.add(id);
  }
  return { kind: "some", messageIds: failed };
}
