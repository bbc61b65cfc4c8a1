import type { InstanceConfig, QueueLink } from "../config/instance.js";
import { connectRecords } from "./connect-records.js";
import { createPushRecorder, type PushRecorder } from "./push-recorder.js";

const recorders = new WeakMap<QueueLink, PushRecorder>();

/** What records the pushes that an instance makes to one of its queues. */
export function instanceRecorder(instance: InstanceConfig, link: QueueLink): PushRecorder {
  const known = recorders.get(link);
  if (known) return known;
  const recorder = createPushRecorder({
    records: connectRecords(instance),
    queueName: link.name,
    maxPending: link.maxPending ?? null,
  });
  recorders.set(link, recorder);
  return recorder;
}
