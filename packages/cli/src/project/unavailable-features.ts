import type { SettingReader } from "./setting-reader.js";

/**
 * What the contract names and this version cannot do yet. Each gets a clear problem; nothing is ignored silently.
 * A feature that arrives leaves this list.
 */
const UNAVAILABLE_QUEUE_SETTINGS: readonly { key: string; without: string }[] = [
  { key: "track", without: "jobs run without a record; remove track" },
  { key: "expires", without: "jobs wait until they run; remove expires" },
  { key: "limits.pending", without: "pushes are not limited by group; remove limits.pending" },
  { key: "limits.pushes", without: "a run may push any number of jobs; remove limits.pushes" },
];

/** Reports the settings that this version cannot honour. `track: false` is what happens anyway. */
export function rejectUnavailable(reader: SettingReader): void {
  for (const { key, without } of UNAVAILABLE_QUEUE_SETTINGS) {
    const given = reader.raw(key);
    if (given === undefined || given === false) continue;
    reader.reject(
      key,
      `config.${key} is not available in this version of queue-run.`,
      `Until it is, ${without}.`,
    );
  }
}
