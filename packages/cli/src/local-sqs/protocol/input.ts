import { invalidParameterValue, missingParameter, serializationError } from "../sqs-errors.js";

/** What an action was asked, in the JSON protocol's shape whichever protocol it came in; not yet checked. */
export type Input = Record<string, unknown>;

/**
 * The readers below take one member out of an input. They return undefined for a member that is absent or null, and
 * throw SerializationException for one of another type, in the words of AWS's parser.
 */
export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return undefined;
  throw serializationError(`${typeName(value)} can not be converted to a String`);
}

/** Throws MissingParameter where the member is absent or empty. */
export function requiredText(input: Input, name: string): string {
  const value = text(input, name);
  if (value === undefined || value === "") throw missingParameter(name);
  return value;
}

export function integer(input: Input, name: string): number | undefined {
  const value = input[name];
  if (typeof value === "number") {
    if (Number.isInteger(value)) return value;
    throw serializationError(`FLOAT_VALUE can not be converted to an Integer`);
  }
  if (value === undefined || value === null) return undefined;
  throw serializationError(`${typeName(value)} can not be converted to an Integer`);
}

/** Throws InvalidParameterValue with `reason` outside of `min` to `max`. */
export function integerBetween(
  input: Input,
  name: string,
  min: number,
  max: number,
  reason: string,
): number | undefined {
  const value = integer(input, name);
  if (value !== undefined && (value < min || value > max)) {
    throw invalidParameterValue(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);
  }
  return value;
}

export function textList(input: Input, name: string): string[] | undefined {
  return list(input, name)?.map((item) => {
    if (typeof item === "string") return item;
    throw serializationError(`${typeName(item)} can not be converted to a String`);
  });
}

export function textMap(input: Input, name: string): Record<string, string> | undefined {
  const value = structure(input, name);
  if (value === undefined) return undefined;
  const map: Record<string, string> = Object.create(null);
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== "string") {
      throw serializationError(`${typeName(item)} can not be converted to a String`);
    }
    map[key] = item;
  }
  return map;
}

export function structureList(input: Input, name: string): Input[] | undefined {
  return list(input, name)?.map((item) => {
    if (isStructure(item)) return item;
    throw serializationError("Unexpected token found in list of structures");
  });
}

export function structure(input: Input, name: string): Input | undefined {
  const value = input[name];
  if (isStructure(value)) return value;
  if (value === undefined || value === null) return undefined;
  throw serializationError("Start of structure or map found where not expected.");
}

function list(input: Input, name: string): unknown[] | undefined {
  const value = input[name];
  if (Array.isArray(value)) return value;
  if (value === undefined || value === null) return undefined;
  throw serializationError("Start of list found where not expected");
}

/** Whether a value of JSON is a structure or map. */
export function isStructure(value: unknown): value is Input {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (typeof value === "number") return "NUMBER_VALUE";
  if (typeof value === "string") return "STRING_VALUE";
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  return Array.isArray(value) ? "START_ARRAY" : "START_OBJECT";
}
