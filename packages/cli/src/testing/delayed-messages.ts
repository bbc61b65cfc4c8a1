import type { RestTarget } from "@queue-run/runtime/instance";
import type { Clock } from "../clock/clock.js";
import { LOCAL_OWNER } from "../dev/queues/queues.js";
import { LOCAL_DELAYS } from "../dev/services/delays-service.js";
import type { Service } from "../dev/services/service.js";
import type { LocalScheduler } from "../local-scheduler/local-scheduler.js";
import { type MessageInput, messageOf } from "../local-scheduler/schedule-input.js";
import { parseMessage } from "../local-sqs/actions/outgoing-message.js";
import type { Broker, OutgoingMessage } from "../local-sqs/broker/broker.js";
import { MemoryStorage } from "../local-sqs/storage/memory-storage.js";
import type { Activity } from "./activity.js";

/** Messages that are due later than SQS can delay them: EventBridge Scheduler, on the project's clock. */
export type DelayedMessages = {
  ask: Service;
  /** Those that wait. */
  count(): number;
  close(): Promise<void>;
};

/** @param onCreate - told of each message that is to be sent later, and to which queue */
export function delayedMessages({
  broker,
  clock,
  activity,
  onCreate,
  onInternalError,
}: {
  broker: Broker;
  clock: Clock;
  activity: Activity;
  onCreate: (queueName: string, message: OutgoingMessage) => void;
  onInternalError: (error: unknown) => void;
}): DelayedMessages {
  let opening: Promise<LocalScheduler> | null = null;
  let opened: LocalScheduler | null = null;

  async function open(): Promise<LocalScheduler> {
    const { openScheduler } = await import("../local-scheduler/local-scheduler.js");
    opened = await openScheduler({
      storage: new MemoryStorage(),
      clock,
      groupName: LOCAL_DELAYS.scheduleGroup,
      send: (message) => activity.follow(broker.send(queueOf(message), toOutgoing(message))),
      onFailure: (_, error) => onInternalError(error),
    });
    return opened;
  }

  return {
    async ask({ rest, body }) {
      opening ??= open();
      const [scheduler, { answerSchedulerRequest }] = await Promise.all([
        opening,
        import("../local-scheduler/rest.js"),
      ]);
      if (!rest) throw new Error("The Scheduler speaks REST");
      const before = scheduler.list(null, "").length;
      const answer = await answerSchedulerRequest(scheduler, rest, body);
      // A push that is made again finds its schedule there.
      if (scheduler.list(null, "").length > before) tellOf(rest, body);
      return answer;
    },
    count: () => opened?.list(null, "").length ?? 0,
    async close() {
      await opened?.close();
    },
  };

  function tellOf({ method }: RestTarget, body: string): void {
    if (method !== "POST") return;
    const { Target } = JSON.parse(body) as { Target: { Input: string } };
    const message = messageOf(Target);
    onCreate(queueOf(message), toOutgoing(message));
  }
}

function queueOf({ QueueUrl }: MessageInput): string {
  return QueueUrl.slice(QueueUrl.indexOf(`${LOCAL_OWNER.accountId}/`) + LOCAL_OWNER.accountId.length + 1);
}

function toOutgoing(message: MessageInput): OutgoingMessage {
  return parseMessage(message, undefined).message;
}
