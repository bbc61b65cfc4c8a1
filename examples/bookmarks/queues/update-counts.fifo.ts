import { queues } from "queue-run";
import { findVisits, saveVisits } from "#lib/store.js";

type Visit = { from: string };

export const queue = queues.self.fifo<Visit>();

/**
 * A job may run a second time (the process died before it could say "done"). A group's jobs come in the order of their
 * sequence numbers, so one that is not above the last one counted has been counted already.
 */
export default queue.handler(async ({ from }, { groupId, sequenceNumber }) => {
  if (!groupId || !sequenceNumber) throw new Error("A FIFO job has both");
  const visits = await findVisits(groupId);
  if (sequenceNumber <= visits.lastSequenceNumber) return;
  await saveVisits(groupId, { count: visits.count + 1, lastFrom: from, lastSequenceNumber: sequenceNumber });
  console.log("Visit %d of %s, from %s", visits.count + 1, groupId, from);
});
