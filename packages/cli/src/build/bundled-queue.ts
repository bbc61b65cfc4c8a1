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
  };
}
