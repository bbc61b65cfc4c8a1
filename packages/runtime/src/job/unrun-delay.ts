import { instanceConfig } from "../config/instance.js";

const FIRST_DELAY_SECONDS = 5;
/** Receives count towards the dead-letter queue's net, so that what is broken must not use them up in a hurry. */
const MAX_DELAY_SECONDS = 900;
/** In development somebody is mending it right now. */
const MAX_DELAY_IN_DEVELOPMENT_SECONDS = 30;

/**
 * How long a job waits that could not be run for no fault of its own, because its code could not be loaded or its record
 * could not be reached: 5 s, and twice as long each time, to 15 minutes.
 *
 * @param receivedCount - how often SQS has handed it out
 * @returns whole seconds
 */
export function unrunDelaySeconds(receivedCount: number): number {
  const longest = instanceConfig()?.stage === "dev" ? MAX_DELAY_IN_DEVELOPMENT_SECONDS : MAX_DELAY_SECONDS;
  return Math.min(FIRST_DELAY_SECONDS * 2 ** (receivedCount - 1), longest);
}
