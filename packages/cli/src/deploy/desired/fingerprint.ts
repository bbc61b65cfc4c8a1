import { createHash } from "node:crypto";
import type { Addresses } from "./addresses.js";
import type { DesiredFunction, DesiredQueue, DesiredSocket, DesiredState, UnitId } from "./desired-state.js";

/** Changes when a hash comes to stand for something else: every unit is then looked at again. */
const FORMAT = 1;

/**
 * What each unit is to be, as a hash. Files and the order of switching are no part of it, since AWS does not know
 * them. Values of variables are, but cannot be read from it.
 *
 * @param addresses - the stage's, which are in the variables of functions that want them
 */
export function fingerprints(desired: DesiredState, addresses: Addresses): Record<UnitId, string> {
  const { table, queues, functions, endpoint, socket, scheduling, delays } = desired;
  const parts: { unit: UnitId; part: unknown }[] = [
    { unit: table.unit, part: table },
    ...queues.map((queue) => ({ unit: queue.unit, part: withoutFile(queue) })),
    ...functions.map((fn) => ({ unit: fn.unit, part: functionPart(fn, addresses) })),
    ...(socket ? [{ unit: socket.unit, part: withoutFile(socket) }] : []),
    ...[endpoint, scheduling, delays].flatMap((part) => (part ? [{ unit: part.unit, part }] : [])),
  ];
  const units = new Map<UnitId, unknown[]>();
  for (const { unit, part } of parts) units.set(unit, [...(units.get(unit) ?? []), part]);
  return Object.fromEntries(
    [...units].map(([unit, content]) => [unit, sha256(canonicalJson({ format: FORMAT, content }))]),
  );
}

function withoutFile({ file: _, ...rest }: DesiredQueue | DesiredSocket): unknown {
  return rest;
}

function functionPart(fn: DesiredFunction, { url, socketUrl }: Addresses): unknown {
  const { file: _file, sendsTo: _sendsTo, code, environment, ...rest } = fn;
  const hashed = Object.entries(environment.variables).map(([name, value]) => [name, sha256(value)]);
  return {
    ...rest,
    codeSha256: code.codeSha256,
    variables: Object.fromEntries(hashed),
    url: environment.withUrl ? { url } : null,
    socketUrl: environment.withSocketUrl ? { socketUrl } : null,
  };
}

/** JSON in which the members of objects are sorted, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member === null || typeof member !== "object" || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
