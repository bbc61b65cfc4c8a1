import type { AddressInfo } from "node:net";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { onTestFinished } from "vitest";
import { createBroker } from "../../packages/cli/src/local-sqs/broker/create-broker.js";
import { startSqsServer } from "../../packages/cli/src/local-sqs/server.js";
import { type LocalQueues, sqsAt } from "./local-queues.js";
import { type MovingClock, movingClock } from "./moving-clock.js";

/** The queues of a stage, at an SQS that is not AWS's. */
export type Stage = {
  endpoint: string;
  sqs: LocalQueues;
  /** What a command needs to take the endpoint for AWS. */
  env: Record<string, string>;
  close: () => void;
};

/** What is kept lives past the test that made it: whoever made it closes it. */
type Keep = { keep?: boolean };

const STAGE = "prod";
/** Of a queue with the default timeout: longer than any test would wait. */
const VISIBILITY_TIMEOUT_SECONDS = "1860";

/** An SQS endpoint of ours, in this process, whose time can be set ahead. */
export type Sqs = { endpoint: string; clock: MovingClock; close: () => Promise<void> };

export async function startSqs({ keep = false }: Keep = {}): Promise<Sqs> {
  const clock = movingClock();
  const broker = await createBroker({ clock });
  const server = await startSqsServer({ broker, port: 0 });
  const close = async () => {
    await server.close();
    await broker.close();
  };
  if (!keep) onTestFinished(close);
  return { endpoint: `http://127.0.0.1:${server.port}`, clock, close };
}

/**
 * Makes the queues of a stage as deploying would name them, with their dead-letter queues.
 *
 * @param names - of the project's queues
 */
export async function makeStage(
  endpoint: string,
  names: string[],
  { project = "test-project", account = "000000000000", keep = false } = {},
): Promise<Stage> {
  const prefix = `${project}-${STAGE}-`;
  const sqs = sqsAt(endpoint, { account, prefix });
  if (!keep) onTestFinished(() => sqs.close());
  for (const name of names) {
    const fifo = name.endsWith(".fifo");
    const base = fifo ? name.slice(0, -".fifo".length) : name;
    const suffix = fifo ? ".fifo" : "";
    const ofKind = fifo
      ? { FifoQueue: "true", DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" }
      : {};
    for (const QueueName of [`${prefix}${base}-dlq${suffix}`, `${prefix}${base}${suffix}`])
      await sqs.client.send(
        new CreateQueueCommand({
          QueueName,
          Attributes: { ...ofKind, VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS },
        }),
      );
  }
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  return { endpoint, sqs, env, close: sqs.close };
}

/** A way to an endpoint that can be cut: every connection is reset, and new ones are until it is mended. */
export type Wire = { endpoint: string; cut: () => void; mend: () => void };

export async function wireTo(endpoint: string): Promise<Wire> {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    if (isCut) return void socket.resetAndDestroy();
    const far = dial(Number(port), hostname);
    far.on("error", () => socket.destroy());
    // The endpoint answers to its own name alone.
    socket.on("data", (bytes) =>
      far.write(
        Buffer.from(bytes.toString("latin1").replace(/^host: .*$/im, `Host: ${hostname}:${port}`), "latin1"),
      ),
    );
    far.pipe(socket);
    for (const each of [socket, far]) {
      sockets.add(each);
      each.on("close", () => {
        sockets.delete(each);
        socket.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      isCut = false;
    },
  };
}
