import type { ActualDetails, ActualSummary, DetailsToRead } from "../actual/actual-state.js";
import type { DesiredState, UnitId } from "../desired/desired-state.js";
import { fingerprints } from "../desired/fingerprint.js";
import { logGroupName, undeliverableQueueName } from "../desired/resource-names.js";
import { addressesOf, knownAddresses } from "./known-addresses.js";
import { type PlanOptions, removes } from "./plan-options.js";
import { removedParts } from "./removed-parts.js";

/** What has been read of a stage so far. */
type ReadSoFar = ActualSummary & Partial<ActualDetails>;

/**
 * What has to be read in detail before a plan can be made: every unit that is not as the last deploy recorded it or is
 * not listed, and what the project no longer has. Details may show that there is more to read (the stage's address is
 * in the variables of its functions), so it is asked again, with them, until there is nothing left.
 *
 * @returns what has not been read yet; null: nothing
 */
export function detailsToRead(
  desired: DesiredState,
  actual: ReadSoFar,
  options: Partial<PlanOptions> = {},
): DetailsToRead | null {
  const wanted = wantedDetails(desired, actual, options);
  const left: DetailsToRead = {
    table: wanted.table && actual.table === undefined,
    queues: wanted.queues.filter((name) => actual.queues?.[name] === undefined),
    functions: wanted.functions.filter(({ physicalName }) => actual.functions?.[physicalName] === undefined),
    endpoint: wanted.endpoint && actual.endpoint === undefined,
    socket: wanted.socket && actual.socket === undefined,
    scheduling: wanted.scheduling && actual.scheduling === undefined,
    delays: wanted.delays && actual.delays === undefined,
  };
  const isLeft = (part: boolean | readonly unknown[]) =>
    Array.isArray(part) ? part.length > 0 : part === true;
  return Object.values(left).some(isLeft) ? left : null;
}

function wantedDetails(
  desired: DesiredState,
  summary: ReadSoFar,
  options: Partial<PlanOptions>,
): DetailsToRead {
  const changed = changedUnits(desired, summary, options.refresh ?? false);
  const removed = removedParts(desired, summary);
  const { table, functions, endpoint, socket, scheduling, delays } = desired;
  const queues = [...desired.queues, ...(delays ? [delays.undeliverable] : [])];
  return {
    table: changed.has(table.unit),
    queues: [
      ...(removed.delays ? [undeliverableQueueName(desired.scope)] : []),
      ...queues.filter(({ unit }) => changed.has(unit)).map(({ physicalName }) => physicalName),
      ...removed.queues.flatMap(({ physicalName, deadLetterQueue }) => [physicalName, deadLetterQueue]),
    ],
    functions: [
      ...functions
        .filter(({ unit }) => changed.has(unit))
        .map(({ physicalName, role, logGroup, mapping }) => ({
          physicalName,
          roleName: role.name,
          logGroup: logGroup.name,
          queueArn: mapping?.queueArn ?? null,
          withShares: options.refresh ?? false,
        })),
      ...removed.functions.map(({ physicalName, queueArn }) => ({
        physicalName,
        roleName: physicalName,
        logGroup: logGroupName(physicalName),
        queueArn,
      })),
    ],
    // APIs come before functions and their roles, may outlive them, and are listed late.
    endpoint: endpoint ? changed.has(endpoint.unit) : removes(options),
    socket: socket ? changed.has(socket.unit) : removes(options),
    scheduling: scheduling ? changed.has(scheduling.unit) : removed.scheduling,
    delays: delays ? changed.has(delays.unit) : removed.delays,
  };
}

/** The units that are not, as far as records and lists say, what they are to be. */
export function changedUnits(desired: DesiredState, summary: ReadSoFar, refresh: boolean): Set<UnitId> {
  const hashes = fingerprints(desired, addressesOf(knownAddresses(desired, summary)));
  const missing = missingUnits(desired, summary);
  return new Set(
    Object.entries(hashes)
      .filter(([unit, hash]) => refresh || missing.has(unit) || summary.recorded[unit] !== hash)
      .map(([unit]) => unit),
  );
}

/** The units of which something is not listed. */
function missingUnits(desired: DesiredState, summary: ActualSummary): Set<UnitId> {
  const { table, queues, functions, endpoint, socket, scheduling, delays } = desired;
  const tagged = new Set(summary.tagged.map(({ arn }) => arn));
  const roles = new Set(summary.roles);
  const missing = new Set<UnitId>();
  for (const { unit, arn } of [table, ...queues, ...functions]) if (!tagged.has(arn)) missing.add(unit);
  for (const { unit, role } of functions) if (!roles.has(role.name)) missing.add(unit);
  // A function that is gone takes its URL with it.
  const isGone = (name: string) =>
    functions.some(({ physicalName, unit }) => physicalName === name && missing.has(unit));
  if (endpoint && (summary.url === null || isGone(endpoint.functionName))) missing.add(endpoint.unit);
  // And who may invoke it.
  if (socket && (summary.socketUrl === null || isGone(socket.functionName))) missing.add(socket.unit);
  if (scheduling) {
    const names = new Set(summary.scheduleNames);
    const isListed = ({ name }: { name: string }) => names.has(name);
    if (!roles.has(scheduling.role.name) || !scheduling.schedules.every(isListed))
      missing.add(scheduling.unit);
    if (names.size > scheduling.schedules.length) missing.add(scheduling.unit);
  }
  if (delays && (!roles.has(delays.role.name) || !tagged.has(delays.undeliverable.arn)))
    missing.add(delays.unit);
  return missing;
}
