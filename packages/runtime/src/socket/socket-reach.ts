import { AwsError } from "../aws/aws-error.js";
import { connectService } from "../aws/connect-service.js";
import { callRest } from "../aws/rest-json.js";
import { connectTable } from "../aws/table-client.js";
import type { InstanceConfig, SocketLink } from "../config/instance.js";
import { noSocket, socketSendFailed } from "../errors/socket-errors.js";
import type { ConnectionStore } from "./connection-store.js";
import { connectionsInTable } from "./connections-in-table.js";

/** As many attempts as the SDK makes. */
const MAX_ATTEMPTS = 3;
/** API Gateway's answer where a connection is over, or not yet open. */
const GONE = 410;

/** A connection, and whose it is as far as that is known. */
type Recipient = { connection: string; userId: string | null };

/** What to do with connections: send them a text, or close them. */
export type Delivery = { text: string } | "close";

/** How an instance reaches the connections of its project's socket. */
export type SocketReach = {
  store: ConnectionStore;
  /**
   * Delivers to connections; those that are gone are left out. What is sent to a connection arrives in order.
   *
   * @returns how many were reached
   * @throws QueueRunError `QR_SOCKET_SEND_FAILED`, when all others have been tried
   */
  deliver(delivery: Delivery, recipients: Recipient[]): Promise<number>;
  /** Delivers to every connection of these users. */
  deliverToUsers(delivery: Delivery, userIds: string[]): Promise<number>;
};

/** @throws QueueRunError `QR_NO_SOCKET` on a call that needs the table, where there is none */
export function connectSocket(instance: InstanceConfig, socket: SocketLink): SocketReach {
  const { sqs, table } = instance;
  const service = connectService({
    service: "execute-api",
    region: sqs.region,
    endpoint: socket.endpoint,
    credentials: sqs.credentials,
    transport: socket.transport,
    maxAttempts: MAX_ATTEMPTS,
  });
  const store: ConnectionStore = table
    ? connectionsInTable({
        client: connectTable(instance, table),
        table: table.name,
        now: instance.now ?? Date.now,
      })
    : withoutTable();
  /** The last delivery to each connection that is under way: the next one waits for it. */
  const lanes = new Map<string, Promise<unknown>>();

  const call = async (delivery: Delivery, connection: string): Promise<boolean> => {
    const path = `/@connections/${encodeURIComponent(connection)}`;
    try {
      if (delivery === "close") await callRest(service, { method: "DELETE", path });
      else await callRest(service, { method: "POST", path }, delivery.text);
      return true;
    } catch (error) {
      if (error instanceof AwsError && error.status === GONE) return false;
      throw socketSendFailed(connection, error instanceof Error ? error : new Error(String(error)));
    }
  };
  const inTurn = (delivery: Delivery, connection: string): Promise<boolean> => {
    const before = lanes.get(connection);
    const turn = before
      ? before.then(
          () => call(delivery, connection),
          () => call(delivery, connection),
        )
      : call(delivery, connection);
    lanes.set(connection, turn);
    const leave = (): void => {
      if (lanes.get(connection) === turn) lanes.delete(connection);
    };
    turn.then(leave, leave);
    return turn;
  };
  const deliverToOne = async (delivery: Delivery, { connection, userId }: Recipient): Promise<number> => {
    if (await inTurn(delivery, connection)) return 1;
    if (userId !== null) await store.markGone(connection, userId);
    return 0;
  };

  const deliver = (delivery: Delivery, recipients: Recipient[]): Promise<number> =>
    sumOf(recipients.map((recipient) => deliverToOne(delivery, recipient)));
  return {
    store,
    deliver,
    deliverToUsers: (delivery, userIds) =>
      sumOf(
        [...new Set(userIds)].map(async (userId) => {
          const connections = await store.connectionsOf(userId);
          return deliver(
            delivery,
            connections.map((connection) => ({ connection, userId })),
          );
        }),
      ),
  };
}

/** @throws the first failure, when all have settled */
async function sumOf(counts: Promise<number>[]): Promise<number> {
  let sum = 0;
  for (const settled of await Promise.allSettled(counts)) {
    if (settled.status === "rejected") throw settled.reason;
    sum += settled.value;
  }
  return sum;
}

function withoutTable(): ConnectionStore {
  const refuse = async () => {
    throw noSocket();
  };
  return {
    userOf: refuse,
    add: refuse,
    claim: refuse,
    end: refuse,
    remove: refuse,
    markGone: refuse,
    connectionsOf: refuse,
  };
}
