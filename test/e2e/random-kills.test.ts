import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { type Entry, journalOf, journalSource } from "../harness/journal.js";
import { randomFrom } from "../harness/random.js";
import { makeProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const ROUNDS = Number(process.env.KILLS ?? 6);

/** Fails the attempts that its payload says, then succeeds; notes when it starts and when it is done. */
const handler = `
  import { setTimeout as sleep } from "node:timers/promises";
  import { type JobMetadata, queues } from "queue-run";
  import { note } from "#lib/journal.js";
  type Payload = { id: string; failures: number; ms: number };
  export default async function ({ id, failures, ms }: Payload, { jobId, attempt, sequenceNumber, groupId }: JobMetadata) {
    note("started", { id, jobId, attempt, sequenceNumber, groupId });
    await sleep(ms);
    if (attempt <= failures) throw new Error("as ordered");
    note("finished", { id, jobId });
  }
  export const config = { retries: 20, backoff: "none" } as const;`;

const files = {
  "lib/journal.ts": journalSource,
  "queues/jobs.ts": `${handler}\nexport const queue = queues.self<Payload>();`,
  "queues/ordered.fifo.ts": `${handler}\nexport const queue = queues.self.fifo<Payload>();`,
  "api/jobs.ts": 'import { queue } from "#queues/jobs.js"; export const post = queue.http;',
  "api/ordered/[group]/[dedupe].ts":
    'import { queue } from "#queues/ordered.fifo.js"; export const post = queue.http;',
};

const json = { "content-type": "application/json" };

it(`loses nothing, repeats nothing and keeps order through ${ROUNDS} times kill -9`, {
  timeout: 180_000,
}, async () => {
  const random = randomFrom();
  console.info(`SEED=${random.seed}`);
  const project = makeProject(files);
  const acknowledged = new Set<string>();
  let sent = 0;

  /** Posts one job after another, some of them twice, until the server is gone. */
  async function post(server: DevServer, isOver: () => boolean) {
    while (!isOver()) {
      const id = `job-${sent++}`;
      const body = JSON.stringify({ id, failures: random.chance(0.2) ? 1 : 0, ms: random.between(0, 40) });
      const path = random.chance(0.5) ? "/jobs" : `/ordered/group-${random.between(1, 3)}/${id}`;
      const times = path !== "/jobs" && random.chance(0.4) ? 2 : 1;
      try {
        for (let time = 0; time < times; time++) {
          await server.post(path, body, json);
          acknowledged.add(id);
        }
      } catch (error) {
        if (!isOver()) throw error;
      }
    }
  }

  for (let round = 0; round < ROUNDS; round++) {
    const server = await startDev(project.folder);
    let over = false;
    const before = acknowledged.size;
    const producers = [1, 2, 3, 4].map(() => post(server, () => over));
    await waitFor("some jobs to be acknowledged", () => acknowledged.size > before + 2);
    await sleep(random.between(0, 500));
    over = true;
    await server.kill();
    await Promise.all(producers);
  }

  const server = await startDev(project.folder);
  const journal = journalOf(project.folder);
  await waitFor(
    "every acknowledged job to be done",
    () => {
      const done = new Set(journal.entries("finished").map(({ id }) => id));
      return [...acknowledged].every((id) => done.has(id));
    },
    { deadlineMs: 60_000 },
  );
  await server.sqs.drained("jobs", { deadlineMs: 60_000 });
  await server.sqs.drained("ordered.fifo", { deadlineMs: 60_000 });
  await server.stop();

  expect(acknowledged.size).toBeGreaterThan(ROUNDS);
  const started = journal.entries("started");
  // A deduplicated job exists once, however often it was posted, and however often its process died.
  for (const [id, entries] of groupBy(started, "id")) {
    if (!entries.some((entry) => entry.sequenceNumber)) continue;
    expect([id, new Set(entries.map(({ jobId }) => jobId)).size]).toEqual([id, 1]);
  }
  // Starts of a group, with immediate repeats collapsed, are in sequence-number order.
  for (const [group, entries] of groupBy(
    started.filter((entry) => entry.groupId),
    "groupId",
  )) {
    const numbers = entries.map((entry) => String(entry.sequenceNumber));
    const collapsed = numbers.filter((number, index) => number !== numbers[index - 1]);
    expect([group, collapsed]).toEqual([group, [...new Set(numbers)].sort()]);
  }
});

it(`never delivers what an SDK has deleted, through ${ROUNDS} times kill -9`, {
  timeout: 180_000,
}, async () => {
  const random = randomFrom();
  console.info(`SEED=${random.seed}`);
  const project = makeProject({ "api/index.ts": "export const get = () => 'ok';" });
  const queues = ["plain", "strict.fifo"];
  const sent = new Set<string>();
  const deleted = new Set<string>();
  // A delete that was asked for and not answered may have been done, or not.
  const perhapsDeleted = new Set<string>();
  const receivedAfterDelete: string[] = [];
  let count = 0;

  async function produce(server: DevServer, isOver: () => boolean) {
    while (!isOver()) {
      const queue = queues[random.between(0, 1)] ?? "plain";
      const body = `${queue}-${String(count++).padStart(6, "0")}`;
      const fifo = queue.endsWith(".fifo") ? { MessageGroupId: "all", MessageDeduplicationId: body } : {};
      await server.sqs.client.send(
        new SendMessageCommand({ QueueUrl: server.sqs.urlOf(queue), MessageBody: body, ...fifo }),
      );
      sent.add(body);
    }
  }

  /** Receives and deletes, and leaves a share of what it receives to come back. */
  async function consume(server: DevServer, queue: string, share: number, isOver: () => boolean) {
    while (!isOver()) {
      const { Messages = [] } = await server.sqs.client.send(
        new ReceiveMessageCommand({
          QueueUrl: server.sqs.urlOf(queue),
          MaxNumberOfMessages: 3,
          WaitTimeSeconds: 1,
        }),
      );
      for (const { Body = "", ReceiptHandle } of Messages) {
        if (deleted.has(Body)) receivedAfterDelete.push(Body);
        if (random.chance(share)) continue;
        perhapsDeleted.add(Body);
        await server.sqs.client.send(
          new DeleteMessageCommand({ QueueUrl: server.sqs.urlOf(queue), ReceiptHandle }),
        );
        deleted.add(Body);
      }
    }
  }

  for (let round = 0; round <= ROUNDS; round++) {
    const server = await startDev(project.folder);
    for (const queue of queues) {
      const attributes: Record<string, string> = { VisibilityTimeout: "4" };
      if (queue.endsWith(".fifo")) attributes.FifoQueue = "true";
      await server.sqs.client.send(new CreateQueueCommand({ QueueName: queue, Attributes: attributes }));
    }
    let over = false;
    const isOver = () => over;
    const forgiving = (work: Promise<void>) =>
      work.catch((error) => {
        if (!over) throw error;
      });
    const consumers = queues.map((queue) =>
      forgiving(consume(server, queue, round < ROUNDS ? 0.2 : 0, isOver)),
    );
    if (round === ROUNDS) {
      const missing = () => [...sent].filter((body) => !perhapsDeleted.has(body));
      await waitFor("everything that was sent to come", () => missing().length === 0, {
        deadlineMs: 60_000,
      }).catch((error) => {
        throw new Error(`${error.message}; missing: ${missing()}`);
      });
      for (const queue of queues) await server.sqs.drained(queue);
      over = true;
      await Promise.all(consumers);
      await server.stop();
    } else {
      const before = sent.size;
      const producers = [forgiving(produce(server, isOver)), forgiving(produce(server, isOver))];
      await waitFor("some messages to be sent", () => sent.size > before + 2);
      await sleep(random.between(0, 500));
      over = true;
      await server.kill();
      await Promise.all([...producers, ...consumers]);
    }
  }

  expect(receivedAfterDelete).toEqual([]);
  expect(sent.size).toBeGreaterThan(ROUNDS);
});

function groupBy(entries: Entry[], key: string): Map<unknown, Entry[]> {
  const groups = new Map<unknown, Entry[]>();
  for (const entry of entries) groups.set(entry[key], [...(groups.get(entry[key]) ?? []), entry]);
  return groups;
}
