import { jsonOf, nameOf } from "./call.js";
import type { Consistency, Quirk } from "./quirk.js";
import { errorReply } from "./reply.js";

/** Names of deleted queues, which SQS does not give again for 60 seconds. SQS API Reference, CreateQueue. */
export function queues({ deletedQueueMs }: Consistency): Quirk {
  const deleted = new Map<string, number>();
  return {
    before(call) {
      if (nameOf(call) !== "sqs:CreateQueue" || call.protocol !== "json") return null;
      const at = deleted.get(String(jsonOf(call).QueueName));
      if (at === undefined || Date.now() - at >= deletedQueueMs) return null;
      return errorReply(call, {
        code: "QueueDeletedRecently",
        message:
          "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
      });
    },
    after(call, reply) {
      if (nameOf(call) === "sqs:DeleteQueue" && call.protocol === "json" && reply.status < 300) {
        const url = String(jsonOf(call).QueueUrl);
        deleted.set(url.slice(url.lastIndexOf("/") + 1), Date.now());
      }
      return reply;
    },
  };
}
