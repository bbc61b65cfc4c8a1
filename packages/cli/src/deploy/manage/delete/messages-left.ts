import { hasSchedulesAimedAt } from "../../apply/schedules-aimed-at.js";
import type { Aws } from "../../aws/connect.js";
import type { StageScope } from "../../desired/desired-state.js";
import { isOurs } from "../../desired/resource-tags.js";
import { messagesIn } from "../../plan/queue-messages.js";
import type { StageContents } from "./plan-deletion.js";

/** @returns what would be lost with a stage's queues, for people: "3 messages in shop-prod-emails" */
export async function messagesLeft(
  aws: Aws,
  scope: StageScope,
  { queues }: Pick<StageContents, "queues">,
): Promise<string[]> {
  const left: string[] = [];
  for (const [name, queue] of Object.entries(queues)) {
    if (!queue || !isOurs(queue.tags, scope)) continue;
    const messages = messagesIn(queue);
    if (messages > 0) left.push(`${messages} ${messages === 1 ? "message" : "messages"} in ${name}`);
    const { QueueArn: arn = "" } = queue.attributes;
    if (await hasSchedulesAimedAt(aws, scope, { url: queue.url, arn }))
      left.push(`delayed messages scheduled for ${name}`);
  }
  return left;
}
