import { QueueRunError } from "@queue-run/runtime/errors";

/** The command line itself has to be written differently: main.ts ends with 2. */
export class UsageError extends QueueRunError {}
