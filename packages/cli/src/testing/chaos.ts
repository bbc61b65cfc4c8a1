import { createHash } from "node:crypto";
import { decodeEnvelope, ENVELOPE_ATTRIBUTE } from "@queue-run/runtime/wire";
import type { Clock } from "../clock/clock.js";
import { batchFailures } from "../dev/event-source/batch-response.js";
import type { Outcome } from "../dev/runner/outcome.js";
import type { QueueDelivery } from "../dev/worker/protocol.js";
import type { ReceivedMessage } from "../local-sqs/broker/broker.js";
import { createSeededRandom } from "../local-sqs/broker/random.js";
import type { QueueDefinition } from "../project/manifest.js";
import type { ChaosOptions, InjectedFault } from "./chaos-options.js";
import type { Trouble } from "./functions.js";
import { createHastyClock } from "./hasty-clock.js";

/** What goes wrong in a project, on purpose. */
export type Chaos = {
  seed: number;
  reorder: boolean;
  /** What went wrong so far. */
  faults: InjectedFault[];
  /** Runs a delivery, and maybe has something go wrong with it: once for each job, on its first delivery. */
  deliver(queue: QueueDefinition, delivery: QueueDelivery, ports: DeliveryPorts): Promise<Outcome>;
};

type DeliveryPorts = {
  run: (delivery: QueueDelivery, trouble?: Trouble) => Promise<Outcome>;
  clock: Clock;
  /** Makes a message visible again at once. */
  returnNow: (message: ReceivedMessage) => Promise<void>;
  /** Calls back when so many of these jobs run, unless the returned function is called before. */
  whenRunning: (jobIds: readonly string[], count: number, callback: () => void) => () => void;
  /** Whether the last run of a job failed because its time was up. */
  hasTimedOut: (jobId: string) => boolean;
};

type Fault = InjectedFault["kind"];

/** How often something goes wrong that is only said to. */
const NOW_AND_THEN = 0.3;

/** @returns null where nothing is to go wrong */
export function createChaos(options: boolean | ChaosOptions, newSeed: () => number): Chaos | null {
  if (options === false) return null;
  const { seed = newSeed(), ...asked } = options === true ? {} : options;
  const names = ["deliverTwice", "reorder", "timeOut", "crashAfterSideEffect"] as const;
  const isAll = names.every((name) => asked[name] === undefined);
  const chanceOf = (wanted: boolean | number | undefined): number =>
    typeof wanted === "number" ? wanted : (wanted ?? isAll) ? NOW_AND_THEN : 0;
  const chances: [Fault, number][] = [
    ["delivered-twice", chanceOf(asked.deliverTwice)],
    ["timed-out", chanceOf(asked.timeOut)],
    ["crashed", chanceOf(asked.crashAfterSideEffect)],
  ];
  const faults: InjectedFault[] = [];
  const spared = new Set<string>();
  const chanceByQueue = new Map<string, () => number>();

  /** Of each queue its own, so that what one queue's jobs do changes nothing of what goes wrong in another. */
  function chanceIn(queue: string): () => number {
    const existing = chanceByQueue.get(queue);
    if (existing) return existing;
    const random = createSeededRandom(
      createHash("sha256").update(`${seed} ${queue}`).digest().readUInt32BE(),
    );
    chanceByQueue.set(queue, random.next);
    return random.next;
  }

  function pick({ name, settings }: QueueDefinition, messages: readonly ReceivedMessage[]): Fault | null {
    if (messages.some(({ messageId, receiveCount }) => receiveCount > 1 || spared.has(messageId)))
      return null;
    for (const { messageId } of messages) spared.add(messageId);
    const chance = chanceIn(name);
    // All are drawn, so that asking for more of one kind does not change what becomes of another.
    const drawn = chances.filter(([, probability]) => chance() < probability).map(([kind]) => kind);
    // An attempt that ends so is used up. A job that has no other would be given up, whatever its handler does.
    return drawn.find((kind) => kind === "delivered-twice" || settings.retries > 0) ?? null;
  }

  const note = (kind: Fault, { name }: QueueDefinition, messages: readonly ReceivedMessage[]): void => {
    for (const message of messages) faults.push({ kind, queueName: name, jobId: jobIdOf(message) });
  };

  return {
    seed,
    reorder: asked.reorder ?? isAll,
    faults,
    async deliver(queue, delivery, { run, clock, returnNow, whenRunning, hasTimedOut }) {
      const fault = pick(queue, delivery.messages);
      if (fault === null) return run(delivery);
      if (fault === "timed-out") {
        const timeoutMs = queue.settings.timeoutSeconds * 1_000;
        const turns = Math.floor(chanceIn(queue.name)() * 4);
        const hasty = createHastyClock(clock, timeoutMs, turns);
        const jobIds = delivery.messages.map(jobIdOf);
        // The jobs of a FIFO group run one after another. A job that has not begun would only come back.
        const stop = whenRunning(jobIds, queue.fifo ? 1 : jobIds.length, hasty.hurry);
        const outcome = await run(delivery, { kind: "hasty", clock: hasty });
        stop();
        const timedOut = split(outcome, delivery).failed.filter((message) => hasTimedOut(jobIdOf(message)));
        note(fault, queue, timedOut);
        for (const message of timedOut.toReversed()) await returnNow(message);
        return outcome;
      }
      if (fault === "crashed" && queue.settings.track) {
        const outcome = await run(delivery, { kind: "crash" });
        if (outcome.kind === "died") note(fault, queue, delivery.messages);
        return outcome;
      }
      const outcome = await run(delivery);
      const { done, failed } = split(outcome, delivery);
      // What a handler failed of by itself is trouble enough.
      if (done.length === 0 || failed.length > 0) return outcome;
      note(fault, queue, done);
      if (fault === "crashed") return { kind: "died", cause: { kind: "exit", exitCode: 1 } };
      const again = done.map((message) => ({ ...message, receiveCount: message.receiveCount + 1 }));
      return run({ ...delivery, messages: again });
    },
  };
}

/** @returns the messages of a delivery by what the function answered; neither, where it has not answered */
function split(
  outcome: Outcome,
  { messages }: QueueDelivery,
): { done: ReceivedMessage[]; failed: ReceivedMessage[] } {
  if (outcome.kind !== "returned") return { done: [], failed: [] };
  const failures = batchFailures(outcome.value, new Set(messages.map(({ messageId }) => messageId)));
  const isFailed = ({ messageId }: ReceivedMessage): boolean =>
    failures.kind === "all" || failures.messageIds.has(messageId);
  return { done: messages.filter((message) => !isFailed(message)), failed: messages.filter(isFailed) };
}

function jobIdOf({ attributes, messageId }: ReceivedMessage): string {
  return decodeEnvelope(attributes[ENVELOPE_ATTRIBUTE]?.stringValue)?.jobId ?? messageId;
}
