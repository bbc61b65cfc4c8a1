import { SOCKET_MAX_MESSAGE_BYTES } from "@queue-run/runtime/limits";
import type { Service, ServiceAnswer } from "../services/service.js";

/** An open connection, as far as API Gateway lets others at it. */
export type OpenConnection = {
  send(text: string): void;
  close(): void;
  /** Milliseconds since 1970. */
  connectedAt: number;
  lastActiveMs: number;
  identity: { sourceIp: string; userAgent: string };
};

const PATH = /^\/@connections\/([^/]+)$/;

/** @returns whether a path is API Gateway's, to reach a connection by */
export function isConnectionPath(path: string): boolean {
  return PATH.test(path);
}

/**
 * What API Gateway is to a project's handlers: `POST`, `GET` and `DELETE /@connections/ID`. API Gateway Developer Guide,
 * "Use @connections commands in your backend service".
 *
 * @param find - an open connection by its id
 */
export function connectionsService(find: (connectionId: string) => OpenConnection | undefined): Service {
  return async ({ rest, body }) => {
    const connection = find(decodeURIComponent(PATH.exec(rest?.path ?? "")?.[1] ?? ""));
    if (!connection) return failure(410, "GoneException", "The connection is gone");
    switch (rest?.method) {
      case "POST":
        if (Buffer.byteLength(body) > SOCKET_MAX_MESSAGE_BYTES)
          return failure(413, "PayloadTooLargeException", "The message is too large");
        connection.send(body);
        return success("");
      case "DELETE":
        connection.close();
        return { ...success(""), status: 204 };
      case "GET": {
        const { connectedAt, lastActiveMs, identity } = connection;
        const iso = (atMs: number) => new Date(atMs).toISOString();
        return success(
          JSON.stringify({ connectedAt: iso(connectedAt), lastActiveAt: iso(lastActiveMs), identity }),
        );
      }
      default:
        return failure(403, "ForbiddenException", "Forbidden");
    }
  };
}

function success(body: string): ServiceAnswer {
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

function failure(status: number, name: string, message: string): ServiceAnswer {
  return {
    status,
    headers: { "content-type": "application/json", "x-amzn-errortype": name },
    body: JSON.stringify({ message }),
  };
}
