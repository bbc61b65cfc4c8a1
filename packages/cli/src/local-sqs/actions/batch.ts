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
type FailedEntry = { Id: string; SenderFault: boolean; Code: string; Message: string };

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

/** Gathers what became of the entries: answers, and the errors of those that failed. */
export function toBatchAnswer<T>(
  entries: readonly { id: string }[],
  outcomes: (T | SqsError)[],
): BatchAnswer<T> {
  const successful: T[] = [];
  const failed: FailedEntry[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome instanceof SqsError) failed.push(toFailedEntry(entries[index]?.id ?? "", outcome));
    else successful.push(outcome);
  }
  return {
    Successful: successful.length === 0 ? undefined : successful,
    Failed: failed.length === 0 ? undefined : failed,
  };
}

/**
 * Does every entry, all in one turn of the event loop. An SqsError fails its entry; any other error fails the whole
 * request.
 */
export async function answerBatch<T>(
  entries: BatchEntry[],
  doEntry: (entry: BatchEntry) => Promise<T>,
): Promise<BatchAnswer<T>> {
  const outcomes = entries.map(async (entry) => {
    try {
      return await doEntry(entry);
    } catch (error) {
      if (error instanceof SqsError) return error;
      throw error;
    }
  });
  return toBatchAnswer(entries, await Promise.all(outcomes));
}

function toFailedEntry(id: string, { senderFault, queryCode, message }: SqsError): FailedEntry {
  return { Id: id, SenderFault: senderFault, Code: queryCode, Message: message };
}
