import { SQS_MAX_BATCH_ENTRIES } from "@queue-run/runtime/limits";
import { MAX_BATCH_ENTRY_ID_LENGTH } from "../limits.js";
import { type Input, structureList, text } from "../protocol/input.js";
import { SqsError } from "../sqs-error.js";
import {
  batchEntryIdsNotDistinct,
  emptyBatchRequest,
  invalidBatchEntryId,
  tooManyEntries,
} from "../sqs-errors.js";

const ENTRY_ID = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_BATCH_ENTRY_ID_LENGTH}}$`);

export type BatchEntry = { id: string; input: Input };
export type FailedEntry = { Id: string; SenderFault: boolean; Code: string; Message: string };

/**
 * The entries of a batch: one to ten, each with an id of its own. `entryName` is AWS's name of an entry.
 * Throws EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId or BatchEntryIdsNotDistinct.
 */
export function batchEntries(input: Input, entryName: string): BatchEntry[] {
  const entries = structureList(input, "Entries") ?? [];
  if (entries.length === 0) throw emptyBatchRequest(entryName);
  if (entries.length > SQS_MAX_BATCH_ENTRIES) throw tooManyEntries(SQS_MAX_BATCH_ENTRIES, entries.length);
  const ids = new Set<string>();
  return entries.map((entry) => {
    const id = text(entry, "Id") ?? "";
    if (!ENTRY_ID.test(id)) throw invalidBatchEntryId();
    if (ids.has(id)) throw batchEntryIdsNotDistinct(id);
    ids.add(id);
    return { id, input: entry };
  });
}

/** What became of the entries, in their order; a list that would be empty is left out, as AWS does. */
export type BatchAnswer<T> = { Successful?: T[]; Failed?: FailedEntry[] };

/**
 * Does every entry, all in one turn of the event loop, and gathers the answers in order. An SqsError fails its entry;
 * any other error fails the whole request.
 */
export async function answerBatch<E extends { id: string }, T>(
  entries: E[],
  doEntry: (entry: E) => Promise<T>,
): Promise<BatchAnswer<T>> {
  const successful: T[] = [];
  const failed: FailedEntry[] = [];
  const settled = await Promise.allSettled(entries.map((entry) => doEntry(entry)));
  for (const [index, result] of settled.entries()) {
    if (result.status === "fulfilled") successful.push(result.value);
    else failed.push(failedEntry(entries[index]?.id ?? "", result.reason));
  }
  return {
    Successful: successful.length === 0 ? undefined : successful,
    Failed: failed.length === 0 ? undefined : failed,
  };
}

function failedEntry(id: string, error: unknown): FailedEntry {
  if (!(error instanceof SqsError)) throw error;
  return { Id: id, SenderFault: error.senderFault, Code: error.queryCode, Message: error.message };
}
