/** Keeps runs of a schedule from overlapping, over all of its instances. */
export type ScheduleLease = {
  /**
   * @param holder - the run; one that has it already takes it again
   * @param untilMs - when it is over without having been given back, milliseconds since 1970
   * @returns false while another run has it
   */
  take(holder: string, untilMs: number): Promise<boolean>;
  /** Gives it back, if it is still the holder's. */
  giveBack(holder: string): Promise<void>;
};

/** @returns the partition key of a schedule's lease in the stage's table */
export function scheduleLeaseKey(scheduleName: string): string {
  return `schedule#${scheduleName}`;
}
