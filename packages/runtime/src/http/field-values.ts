/**
 * Values by name, from a request: without a prototype, so that a field called `__proto__` or `constructor` is a field
 * like any other.
 */
export type FieldValues<V> = Record<string, V | V[]>;

/** @returns an empty set of fields */
export function emptyFields<V>(): FieldValues<V> {
  return Object.create(null);
}

/** Adds a value; names that repeat collect their values in an array, in order. */
export function addField<V>(fields: FieldValues<V>, name: string, value: V): void {
  const present = fields[name];
  if (present === undefined) fields[name] = value;
  else if (Array.isArray(present)) present.push(value);
  else fields[name] = [present, value];
}
