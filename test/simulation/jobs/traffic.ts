import type { PushedJob } from "../../../packages/runtime/src/records/record-store.js";
import { defaultEnvelope, ENVELOPE_ATTRIBUTE, encodeEnvelope } from "../../../packages/runtime/src/wire.js";
import type { Payload } from "./handlers.js";
import type { Ledger, Sent } from "./ledger.js";
import type { SimulatedQueue } from "./queues.js";
import { type Asker, requestsOf } from "./requests.js";
import type { Run, Server } from "./server.js";
import { recordsOver } from "./table-client.js";
import type { World } from "./world.js";

const DEDUPLICATION_WINDOW_MS = 300_000;

/** Somebody sends a message: to a FIFO queue often one that is a duplicate. */
export function sendSomething({ world, ledger, queues }: Run, server: Server): void {
  const queue = world.pick(queues);
  if (!queue) return;
  const { name, fifo } = queue;
  const body = `m${ledger.sends.size + 1}`;
  const group = fifo ? `g${world.integer(3)}` : null;
  const dedupe = fifo ? (world.chance(0.3) ? `same-${world.integer(3)}` : body) : null;
  const nature = world.chance(0.03)
    ? "exits"
    : world.chance(0.05)
      ? "throws"
      : world.chance(0.4)
        ? "good"
        : "any";
  const jobId = queue.settings.track && world.chance(0.6) ? `job-${body}` : null;
  const sent: Sent = {
    body,
    queue: name,
    group,
    dedupe: jobId ?? dedupe,
    wallMs: world.time.wall.now(),
    steadyMs: world.time.steadyMs,
    answered: false,
    jobId,
  };
  ledger.sends.set(body, sent);
  world.log(`send ${body} (${nature}) to ${name}${fifo ? ` ${group} ${dedupe}` : ""}`);
  const message = {
    body: JSON.stringify({ body, nature } satisfies Payload),
    ...(group !== null &&
      dedupe !== null && { messageGroupId: group, messageDeduplicationId: sent.dedupe ?? "" }),
    ...(!fifo && world.chance(0.15) && { delaySeconds: world.integer(10) }),
  };
  if (jobId !== null) {
    void pushRecorded({ world, ledger, queues }, server, queue, sent, message);
    return;
  }
  const jumpsBefore = ledger.jumps;
  server.broker.send(name, message).then(
    ({ messageId, sequenceNumber }) => {
      if (!server.alive) return;
      sent.answered = true;
      world.log(`${body} is accepted`);
      const accepted = ledger.message(messageId, name, group, sequenceNumber);
      accepted.bodies.add(body);
      if (jumpsBefore === ledger.jumps) checkDuplicates({ world, ledger }, sent, accepted.bodies);
    },
    (error: Error) => server.alive && world.log(`${body} is refused: ${error.message}`),
  );
}

/** As a push does on a tracked queue: the record, then the message; its process may end between the two. */
async function pushRecorded(
  { world, ledger }: Pick<Run, "world" | "ledger" | "queues">,
  server: Server,
  { name, settings }: SimulatedQueue,
  sent: Sent,
  message: { body: string; messageGroupId?: string; messageDeduplicationId?: string; delaySeconds?: number },
): Promise<void> {
  const jobId = sent.jobId ?? "";
  const tag = `tag-${world.integer(3)}`;
  const pusher = somebody(`pusher of ${jobId}`);
  const records = recordsOf(world, ledger, server, pusher);
  const job: PushedJob = {
    queueName: name,
    jobId,
    pushId: jobId,
    job: "default",
    maxAttempts: settings.retries + 1,
    redrives: 0,
    tag,
    groupId: sent.group,
    userId: null,
    createdAtMs: sent.wallMs,
    dueAtMs: null,
    retentionSeconds: settings.retentionSeconds,
    isCounted: false,
    isShared: false,
  };
  try {
    await records.create([job]);
  } catch (error) {
    world.log(`${jobId} is not pushed: ${error}`);
    return;
  }
  if (world.chance(0.05)) {
    world.log(`${pusher.name} ends before it has sent`);
    pusher.alive = false;
    return;
  }
  const envelope = encodeEnvelope({ ...defaultEnvelope(), jobId, tag });
  const attributes = { [ENVELOPE_ATTRIBUTE]: { dataType: "String", stringValue: envelope } };
  try {
    const { messageId, sequenceNumber } = await server.broker.send(name, { ...message, attributes });
    if (!server.alive) return;
    sent.answered = true;
    world.log(`${sent.body} is accepted`);
    ledger.message(messageId, name, sent.group, sequenceNumber).bodies.add(sent.body);
  } catch (error) {
    if (!server.alive) return;
    world.log(`${sent.body} is refused: ${error}`);
    await records.takeBack(job).catch(() => {});
  }
}

/** Somebody cancels one job, or all of a tag. */
export function cancelSomething({ world, ledger, queues }: Run, server: Server): void {
  const queue = world.pick(queues.filter(({ settings }) => settings.track));
  const sent = world.pick(
    [...ledger.sends.values()].filter(({ jobId, queue: of }) => jobId && of === queue?.name),
  );
  if (!queue || !sent?.jobId) return;
  const { jobId } = sent;
  const records = recordsOf(world, ledger, server, somebody("canceller"));
  const tag = `tag-${world.integer(3)}`;
  const isTag = world.chance(0.4);
  world.log(`somebody cancels ${isTag ? tag : jobId} of ${queue.name}`);
  const cancelling = isTag
    ? records.cancelTag(queue.name, tag)
    : records.cancelJob({ queueName: queue.name, jobId }).then((record) => (record ? [record] : []));
  cancelling.then(
    (cancelled) => server.alive && ledger.records.cancelled(cancelled.map((record) => record.jobId)),
    (error) => world.log(`cancelling fails: ${error}`),
  );
}

const somebody = (name: string): Asker => ({ name, alive: true, enter: (callback) => callback() });

function recordsOf(world: World, ledger: Ledger, server: Server, asker: Asker) {
  const lose = () => {
    ledger.lostRequests++;
    ledger.accidents++;
  };
  return recordsOver(requestsOf(world, server, asker, lose), world.table, world.time.steady.now);
}

/** The sends of one deduplication id within five minutes are one message, and none that is older swallows a send. */
function checkDuplicates(
  { world, ledger }: Pick<Run, "world" | "ledger">,
  sent: Sent,
  same: Set<string>,
): void {
  if (sent.dedupe === null || ledger.jumps > 0) return;
  const earlier = [...ledger.sends.values()].filter(
    (other) =>
      other !== sent &&
      other.queue === sent.queue &&
      other.group === sent.group &&
      other.dedupe === sent.dedupe &&
      other.steadyMs <= sent.steadyMs,
  );
  // Of a send that was never answered nobody knows whether it opened a window.
  if (earlier.some(({ answered }) => !answered)) return;
  const first = earlier.find(({ body }) => same.has(body));
  if (first && sent.steadyMs - first.steadyMs >= DEDUPLICATION_WINDOW_MS)
    world.fail(`${sent.body} was taken for a duplicate of ${first.body}, which is older than the window`);
  const openers = earlier.filter((each) => isOpener(each, earlier));
  const last = openers.at(-1);
  if (!first && last && sent.steadyMs - last.steadyMs < DEDUPLICATION_WINDOW_MS)
    world.fail(`${sent.body} was accepted as new, and is a duplicate of ${last.body}`);
}

/** Whether a send of a deduplication id was the first of its window. */
function isOpener(sent: Sent, all: Sent[]): boolean {
  let openedMs = Number.NEGATIVE_INFINITY;
  for (const each of all) {
    const opens = each.steadyMs - openedMs >= DEDUPLICATION_WINDOW_MS;
    if (opens) openedMs = each.steadyMs;
    if (each === sent) return opens;
  }
  return false;
}

/** A client from elsewhere receives, and never deletes; half of them hang up before they have an answer. */
export function receiveFromOutside({ world, queues }: Run, server: Server): void {
  const queue = world.pick(queues)?.name ?? "";
  const hangUp = new AbortController();
  server.forgetOrder(queue);
  world.log(`somebody receives from ${queue}`);
  server.broker
    .receive(
      queue,
      {
        maxMessages: 1 + world.integer(3),
        waitTimeSeconds: world.integer(5),
        visibilityTimeoutSeconds: 1 + world.integer(20),
      },
      hangUp.signal,
    )
    .then(
      ({ messages, undo }) => {
        if (hangUp.signal.aborted && messages.length > 0)
          world.fail(`a receive from ${queue} that hung up was given ${messages.length}`);
        // The answer cannot be written.
        if (world.chance(0.3)) undo();
      },
      () => {},
    );
  if (world.chance(0.5)) world.send(`who received from ${queue} hangs up`, server, () => hangUp.abort());
}
