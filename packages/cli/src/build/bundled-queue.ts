import { defaultQueueSettings, type QueueSettings } from "@queue-run/runtime/config";
import type { BundledQueue } from "@queue-run/runtime/instance";
import type { QueueDefinition } from "../project/manifest.js";

/** What a function, or a script, has to know of a queue to push to it. */
export function toBundledQueue({ name, fifo, jobs, settings }: QueueDefinition): BundledQueue {
  return {
    name,
    fifo,
    jobs,
    maxPayloadBytes: settings.limits.payloadBytes,
    maxHops: settings.limits.hops,
    track: settings.track,
    ...(settings.track && ofRecords(settings, fifo)),
  };
}

/** What records of its jobs say besides; what is at its default is left out, for environments are small. */
function ofRecords(
  { retries, retentionSeconds, limits: { pending } }: QueueSettings,
  fifo: boolean,
): Pick<BundledQueue, "retries" | "retentionSeconds" | "maxPending"> {
  const defaults = defaultQueueSettings(fifo);
  return {
    ...(retries !== defaults.retries && { retries }),
    ...(retentionSeconds !== defaults.retentionSeconds && { retentionSeconds }),
    ...(pending !== null && { maxPending: pending }),
  };
}
