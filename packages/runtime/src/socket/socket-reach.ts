import { AwsError } from "../aws/aws-error.js";
import { connectService } from "../aws/connect-service.js";
import { callRest } from "../aws/rest-json.js";
import { connectTable } from "../aws/table-client.js";
import type { InstanceConfig, SocketLink } from "../config/instance.js";
import { noSocket, socketSendFailed } from "../errors/socket-errors.js";
import type { ConnectionStore } from "./connection-store.js";
import { mayBeOpening } from "./connection-times.js";
import { connectionsInTable } from "./connections-in-table.js";

/** As many attempts as the SDK makes. */
const MAX_ATTEMPTS = 3;
/** API Gateway's answer where a connection is over, or not yet open. */
const GONE = 410;

/** How many connections are remembered that were waited for in vain. */
const MOST_AWAITED = 1_000;
/** A connection, and whose it is as far as that is known. */
type Recipient = {
  connection: string;
  userId: string | null;
  /** When it is over at the latest, milliseconds since 1970. Null: it is open, since it has sent something. */
  untilMs: number | null;
};
/** How long a connection is waited for that may be about to open. API Gateway sends nothing to it until its hooks have ended. */
const OPENING_WAITS_MS = [20, 40, 80, 160, 320, 640, 1_280];

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
  /**
   * Delivers to every connection of these users.
   *
   * @param except - a connection to leave out
   */
  deliverToUsers(delivery: Delivery, userIds: string[], except: string | null): Promise<number>;
};

/** @throws QueueRunError `QR_NO_SOCKET` on a call that needs the table, where there is none */
export function connectSocket(instance: InstanceConfig, socket: SocketLink): SocketReach {
  const { sqs, table, now = Date.now } = instance;
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
        now,
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
  /** Waited for in vain: not again. */
  const awaited = new Set<string>();
  const callWhenOpen = async (delivery: Delivery, recipient: Recipient): Promise<boolean> => {
    const { connection, userId, untilMs } = recipient;
    if (await call(delivery, connection)) return true;
    if (userId === null) return false;
    if (untilMs === null || !mayBeOpening(untilMs, now())) {
      await store.markGone(connection, userId);
      return false;
    }
    if (awaited.has(connection)) return false;
    for (const waitMs of OPENING_WAITS_MS) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (await call(delivery, connection)) return true;
      const connections = await store.connectionsOf(userId);
      if (!connections.some(({ id }) => id === connection)) return false;
    }
    if (awaited.size >= MOST_AWAITED) awaited.clear();
    awaited.add(connection);
    return false;
  };
  const inTurn = (delivery: Delivery, recipient: Recipient): Promise<boolean> => {
    const { connection } = recipient;
    const before = lanes.get(connection);
    const next = () => callWhenOpen(delivery, recipient);
    const turn = before ? before.then(next, next) : next();
    lanes.set(connection, turn);
    const leave = (): void => {
      if (lanes.get(connection) === turn) lanes.delete(connection);
    };
    turn.then(leave, leave);
    return turn;
  };
  const deliverToOne = async (delivery: Delivery, recipient: Recipient): Promise<number> =>
    (await inTurn(delivery, recipient)) ? 1 : 0;

  const deliver = (delivery: Delivery, recipients: Recipient[]): Promise<number> =>
    sumOf(recipients.map((recipient) => deliverToOne(delivery, recipient)));
  return {
    store,
    deliver,
    deliverToUsers: (delivery, userIds, except) =>
      sumOf(
        [...new Set(userIds)].map(async (userId) => {
          const connections = await store.connectionsOf(userId);
          const recipients = connections
            .filter(({ id }) => id !== except)
            .map(({ id, untilMs }) => ({ connection: id, userId, untilMs }));
          return deliver(delivery, recipients);
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
