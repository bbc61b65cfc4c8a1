/** Shorter values would take ordinary words and numbers out of AWS's sentences. */
const SHORTEST_HIDDEN = 4;

/**
 * Takes the values of variables out of an error's message and stack: AWS repeats what it refuses.
 *
 * @param input - of the call: `Environment.Variables` of a function, `Value` of a parameter
 */
export function hideValues(error: Error, input: unknown): void {
  const values = valuesOf(input);
  if (values.length === 0) return;
  const hide = (text: string) =>
    values
      .filter((value) => value.length >= SHORTEST_HIDDEN)
      .reduce((shown, value) => shown.replaceAll(value, "(hidden)"), text)
      .replace(/Value '.*?' at '(environment|value)/gs, "Value (hidden) at '$1");
  try {
    error.message = hide(error.message);
    if (error.stack) error.stack = hide(error.stack);
  } catch {
    // A frozen error keeps its words; the SDK makes none.
  }
}

/** Longest first, so that a value that holds another goes whole. */
function valuesOf(input: unknown): string[] {
  if (typeof input !== "object" || input === null) return [];
  const values: string[] = [];
  if ("Environment" in input && isRecord(input.Environment) && isRecord(input.Environment.Variables)) {
    for (const value of Object.values(input.Environment.Variables))
      if (typeof value === "string") values.push(value);
  }
  if ("Value" in input && typeof input.Value === "string") values.push(input.Value);
  return values.sort((one, other) => other.length - one.length);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
