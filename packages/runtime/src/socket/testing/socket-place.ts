import type { HttpAnswer, HttpTransport } from "../../aws/http-transport.js";
import { configureInstance } from "../../config/instance.js";
import { defaultSocketSettings } from "../../config/socket-config.js";
import type { UserModule } from "../../lambda/functions.js";
import { createSocketHandler, type SocketApiAnswer, type SocketApiEvent } from "../../lambda/socket.js";
import { memoryTable } from "./memory-table.js";

/** The socket's function of a project, between a table and an API Gateway that remember. */
export type SocketPlace = {
  /** What was sent to each connection, and "(closed)". */
  sent: Map<string, string[]>;
  /** The time, for as long as it is set: milliseconds since 1970. */
  clock: { now: number | null };
  /** Connections that API Gateway has no more. */
  gone: Set<string>;
  /** Connections that are not open yet. */
  opening: Set<string>;
  connect: (connection: string, options?: Partial<SocketApiEvent>) => Promise<SocketApiAnswer>;
  say: (connection: string, body: string, options?: Partial<SocketApiEvent>) => Promise<SocketApiAnswer>;
  leave: (connection: string) => Promise<SocketApiAnswer>;
};

/** @param table - what carries calls of DynamoDB; default: a table in memory */
export function socketPlace(
  modules: { socket: UserModule; middleware?: UserModule; timeoutSeconds?: number },
  table: { name: string; transport: HttpTransport } = { name: "t", transport: memoryTable().transport },
): SocketPlace {
  const sent = new Map<string, string[]>();
  const gone = new Set<string>();
  const opening = new Set<string>();
  const clock: SocketPlace["clock"] = { now: null };
  const now = () => clock.now ?? Date.now();
  const gateway: HttpTransport = {
    async post(_, body, target): Promise<HttpAnswer> {
      await new Promise((resolve) => setImmediate(resolve));
      const connection = decodeURIComponent(target?.path.replace("/@connections/", "") ?? "");
      if (gone.has(connection) || opening.has(connection))
        return { status: 410, headers: { "x-amzn-errortype": "GoneException" }, body: "{}" };
      const texts = sent.get(connection) ?? [];
      sent.set(connection, texts);
      texts.push(target?.method === "DELETE" ? "(closed)" : body);
      return { status: 200, headers: {}, body: "" };
    },
    close() {},
  };
  configureInstance({
    project: "test",
    stage: "dev",
    queues: {},
    sqs: { region: "us-east-1", queueUrlPrefix: "http://127.0.0.1/" },
    table: { endpoint: "http://127.0.0.1", ...table },
    socket: { endpoint: "https://abc.execute-api.us-east-1.amazonaws.com/prod", transport: gateway },
    now,
    baseUrl: null,
    readableLogs: true,
  });
  const handler = createSocketHandler({
    file: "socket/index.ts",
    middleware: modules.middleware ? "socket/_middleware.ts" : null,
    settings: {
      ...defaultSocketSettings(),
      ...(modules.timeoutSeconds !== undefined && { timeoutSeconds: modules.timeoutSeconds }),
    },
    load: async (file) => (file === "socket/index.ts" ? modules.socket : (modules.middleware ?? {})),
  });
  let requests = 0;
  const invoke = (
    eventType: SocketApiEvent["requestContext"]["eventType"],
    connectionId: string,
    rest: Partial<SocketApiEvent>,
  ) =>
    handler(
      {
        ...rest,
        requestContext: { eventType, connectionId, requestId: `r${++requests}`, connectedAt: now() },
      },
      { getRemainingTimeInMillis: () => 29_000 },
    );
  return {
    sent,
    gone,
    opening,
    clock,
    connect: (connection, options = {}) => invoke("CONNECT", connection, options),
    say: (connection, body, options = {}) => invoke("MESSAGE", connection, { body, ...options }),
    leave: (connection) => invoke("DISCONNECT", connection, {}),
  };
}
