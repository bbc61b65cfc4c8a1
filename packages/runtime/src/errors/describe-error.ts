/** An error as it is written down: in dead letters, records and logs. */
export type ErrorDescription = {
  name: string;
  message: string;
  stack: string | null;
  /** Node's, AWS's and our own errors have one. */
  code?: string;
  /** Our own errors say what to do. */
  fix?: string;
  details?: unknown;
  cause?: ErrorDescription;
  /** Of an AggregateError. */
  errors?: ErrorDescription[];
};

/** What stacks are shown as: see `describeStacksWith`. */
let toShownStack = (stack: string): string => stack;

/** @param toShown - what stands for a stack wherever an error is written down: on Lambda, the one of the sources */
export function describeStacksWith(toShown: (stack: string) => string): void {
  toShownStack = toShown;
}

/** How deep a chain of causes is followed. */
const MAX_CAUSES = 5;
/** How many errors of an AggregateError are described. */
const MAX_ERRORS = 10;

/** @returns any thrown value as plain data; never throws, whatever was thrown */
export function describeError(thrown: unknown, depth = 0): ErrorDescription {
  try {
    if (!isErrorLike(thrown)) return { name: typeof thrown, message: toText(thrown), stack: null };
    const { name, message, stack, code, fix, details, cause, errors } = thrown;
    return {
      name: String(name),
      message: String(message),
      stack: typeof stack === "string" ? toShownStack(stack) : null,
      ...(typeof code === "string" && { code }),
      ...(typeof fix === "string" && { fix }),
      ...(isPlain(details) && { details }),
      ...(cause !== undefined && depth < MAX_CAUSES && { cause: describeError(cause, depth + 1) }),
      ...(Array.isArray(errors) && depth < MAX_CAUSES && { errors: describeErrors(errors, depth + 1) }),
    };
  } catch {
    return { name: "Error", message: "Something was thrown that cannot be described.", stack: null };
  }
}

function describeErrors(errors: unknown[], depth: number): ErrorDescription[] {
  return errors.slice(0, MAX_ERRORS).map((error) => describeError(error, depth));
}

type ErrorLike = { name: unknown; message: unknown; stack?: unknown } & Record<string, unknown>;

/** Errors of another realm (a worker, `vm`) are no instances of this one's Error. */
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  return typeof thrown === "object" && thrown !== null && "message" in thrown && "name" in thrown;
}

function isPlain(details: unknown): boolean {
  if (details === undefined) return false;
  try {
    return JSON.stringify(details) !== undefined;
  } catch {
    return false;
  }
}

function toText(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
}
