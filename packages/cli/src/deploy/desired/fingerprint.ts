import { createHash } from "node:crypto";
import type { DesiredFunction, DesiredQueue, DesiredState, UnitId } from "./desired-state.js";

/** Changes when a hash comes to stand for something else: every unit is then looked at again. */
const FORMAT = 1;

/**
 * What each unit is to be, as a hash. Files and the order of switching are no part of it, since AWS does not know
 * them. Values of variables are, but cannot be read from it.
 *
 * @param url - the stage's address, which is in the variables of functions that want it; null: not known
 */
export function fingerprints(desired: DesiredState, url: string | null): Record<UnitId, string> {
  const { table, queues, functions, endpoint, scheduling, delays } = desired;
  const parts: { unit: UnitId; part: unknown }[] = [
    { unit: table.unit, part: table },
    ...queues.map((queue) => ({ unit: queue.unit, part: queuePart(queue) })),
    ...functions.map((fn) => ({ unit: fn.unit, part: functionPart(fn, url) })),
    ...[endpoint, scheduling, delays].flatMap((part) => (part ? [{ unit: part.unit, part }] : [])),
  ];
  const units = new Map<UnitId, unknown[]>();
  for (const { unit, part } of parts) units.set(unit, [...(units.get(unit) ?? []), part]);
  return Object.fromEntries(
    [...units].map(([unit, content]) => [unit, sha256(canonicalJson({ format: FORMAT, content }))]),
  );
}

function queuePart({ file: _, ...queue }: DesiredQueue): unknown {
  return queue;
}

function functionPart(fn: DesiredFunction, url: string | null): unknown {
  const { file: _file, sendsTo: _sendsTo, code, environment, ...rest } = fn;
  const hashed = Object.entries(environment.variables).map(([name, value]) => [name, sha256(value)]);
  return {
    ...rest,
    codeSha256: code.codeSha256,
    variables: Object.fromEntries(hashed),
    url: environment.withUrl ? { url } : null,
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
