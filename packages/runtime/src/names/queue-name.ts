import { SQS_MAX_QUEUE_NAME_LENGTH } from "../limits/index.js";

/** What the name of a FIFO queue ends in. Developer Guide, "Queue name". */
export const FIFO_SUFFIX = ".fifo";

/** @returns whether a queue of this name is FIFO */
export function isFifoName(name: string): boolean {
  return name.endsWith(FIFO_SUFFIX);
}

/**
 * SQS's rules for a queue's name: 1 to 80 characters out of A-Z, a-z, 0-9, `-` and `_`, and `.fifo` at the end of a
 * FIFO queue's, which counts (API Reference, CreateQueue).
 *
 * @returns what is wrong with the name, as the end of a sentence, or null when it is right
 */
export function queueNameProblem(name: string): string | null {
  const stem = isFifoName(name) ? name.slice(0, -FIFO_SUFFIX.length) : name;
  if (stem === "") return "is empty";
  const refused = /[^A-Za-z0-9_-]/u.exec(stem)?.[0];
  if (refused !== undefined) {
    return `has the character ${JSON.stringify(refused)}; SQS allows letters, digits, "-" and "_", and ".fifo" at the end`;
  }
  if (name.length > SQS_MAX_QUEUE_NAME_LENGTH) {
    return `is ${name.length} characters long; SQS allows ${SQS_MAX_QUEUE_NAME_LENGTH}`;
  }
  return null;
}
