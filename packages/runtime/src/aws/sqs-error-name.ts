/** Codes of the query protocol whose error has another name in the JSON protocol (API model of 2026-11). */
const RENAMED: Record<string, string> = {
  "AWS.SimpleQueueService.NonExistentQueue": "QueueDoesNotExist",
  QueueAlreadyExists: "QueueNameExists",
  "KMS.OptInRequired": "KmsOptInRequired",
};

const PREFIXED = new Set([
  "BatchEntryIdsNotDistinct",
  "BatchRequestTooLong",
  "EmptyBatchRequest",
  "InvalidBatchEntryId",
  "MessageNotInflight",
  "PurgeQueueInProgress",
  "QueueDeletedRecently",
  "TooManyEntriesInBatchRequest",
  "UnsupportedOperation",
]);

const KMS_ERRORS = new Set([
  "AccessDenied",
  "Disabled",
  "InvalidKeyUsage",
  "InvalidState",
  "NotFound",
  "Throttling",
]);

/**
 * The name of an SQS error, as the SDK gives it.
 *
 * @param code - as in the header `x-amzn-query-error`: `AWS.SimpleQueueService.NonExistentQueue`
 * @returns `QueueDoesNotExist`; the code itself where it has no other name
 */
export function sqsErrorName(code: string): string {
  const unprefixed = /^AWS\.SimpleQueueService\.(\w+)$/.exec(code)?.[1];
  if (unprefixed && PREFIXED.has(unprefixed)) return unprefixed;
  const kms = /^KMS\.(\w+)Exception$/.exec(code)?.[1];
  if (kms && KMS_ERRORS.has(kms)) return kms === "Throttling" ? "KmsThrottled" : `Kms${kms}`;
  return Object.hasOwn(RENAMED, code) ? (RENAMED[code] ?? code) : code;
}
