import { isSecret, REDACTED } from "./secret-names.js";

const MAX_DEPTH = 8;

/**
 * A value as it may be shown to people: the same, unless headers that carry secrets are somewhere in it; then a copy of
 * what they are in, of the same classes, without them. Getters are left alone.
 */
export function hideSecrets(value: unknown): unknown {
  try {
    return withoutSecrets(value, []);
  } catch {
    // A proxy that refuses to be looked at: whoever shows it finds out by itself.
    return value;
  }
}

function withoutSecrets(value: unknown, ancestors: object[]): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (ancestors.includes(value) || ancestors.length >= MAX_DEPTH) return value;
  const inside = [...ancestors, value];
  const shown = (name: unknown, member: unknown): unknown =>
    isSecret(name, member) ? REDACTED : withoutSecrets(member, inside);
  if (value instanceof Map) {
    const entries = [...value].map(([name, member]) => [name, shown(name, member)] as const);
    return entries.some(([name, member]) => member !== value.get(name)) ? new Map(entries) : value;
  }
  if (value.constructor?.name === "Headers" && "entries" in value) {
    const entries = [...(value as Headers).entries()];
    return entries.some((entry) => isSecret(...entry))
      ? Object.fromEntries(entries.map(([name, member]) => [name, shown(name, member)]))
      : value;
  }
  if (Array.isArray(value)) {
    const copy = value.map((item, index) => shown(value[index - 1], item));
    return copy.some((item, index) => item !== value[index]) ? copy : value;
  }
  const members = Object.getOwnPropertyDescriptors(value) as Record<string, PropertyDescriptor>;
  let isChanged = false;
  for (const [name, member] of Object.entries(members)) {
    if (!("value" in member)) continue;
    const instead = shown(name, member.value);
    if (instead === member.value) continue;
    member.value = instead;
    isChanged = true;
  }
  return isChanged ? Object.create(Object.getPrototypeOf(value), members) : value;
}
