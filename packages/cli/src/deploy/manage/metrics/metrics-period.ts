const DAY_SECONDS = 86_400;

/**
 * What a period has to be a multiple of, by how long ago it begins: CloudWatch keeps older values more coarsely, and
 * gives none at all for another. CloudWatch API Reference, MetricStat.
 */
const STEPS = [
  { stepSeconds: 60, longestSeconds: 15 * DAY_SECONDS },
  { stepSeconds: 300, longestSeconds: 63 * DAY_SECONDS },
  { stepSeconds: 3_600, longestSeconds: Number.POSITIVE_INFINITY },
];

/**
 * One period over the whole time that is asked about, so that CloudWatch gives one number.
 *
 * @param sinceMs - how long ago it begins, in milliseconds
 * @returns at least as long, in seconds
 */
export function metricsPeriodSeconds(sinceMs: number): number {
  for (const { stepSeconds, longestSeconds } of STEPS) {
    const period = Math.max(1, Math.ceil(sinceMs / 1_000 / stepSeconds)) * stepSeconds;
    if (period <= longestSeconds) return period;
  }
  throw new RangeError(`No period is as long as ${sinceMs} ms`);
}
