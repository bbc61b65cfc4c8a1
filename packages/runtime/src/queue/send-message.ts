import type { InstanceConfig, QueueLink } from "../config/instance.js";
import { sendFailed } from "../errors/push-errors.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import type { SizedMessage } from "./message.js";
import type { SendLane } from "./send-lane.js";

/**
 * Sends a message, now or when it is due.
 *
 * @returns the job's id
 * @throws QR_SEND_FAILED, or what the Scheduler's errors are
 */
export async function sendMessage(
  config: InstanceConfig,
  lane: SendLane,
  link: QueueLink,
  { message, bytes, jobId, sendAt }: SizedMessage,
): Promise<string> {
  if (sendAt !== null && jobId !== null) {
    const { sendWhenDue } = await import("./on-first-delay.js");
    await sendWhenDue(config, link, { message, jobId }, sendAt);
    return jobId;
  }
  try {
    const { MessageId } = await lane.send(message, bytes);
    return jobId ?? MessageId ?? "";
  } catch (error) {
    throw error instanceof QueueRunError ? error : sendFailed(link.name, error);
  }
}
