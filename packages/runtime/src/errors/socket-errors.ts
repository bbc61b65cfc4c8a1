import { QueueRunError } from "./queue-run-error.js";

/** The default export of socket/index.ts turned out not to be a function. */
export function socketWithoutHandler(): QueueRunError {
  return new QueueRunError({
    code: "QR_NOT_A_HANDLER",
    message: "The default export of socket/index is not a function, so no message can be handled.",
    fix: "Export the function that a message calls: export default async function ({ data, user }) { … }",
  });
}

/** The handler, or a hook, took longer than the socket's `timeout`. */
export function socketTimedOut(what: string, limitSeconds: number): QueueRunError {
  const error = new QueueRunError({
    code: "QR_SOCKET_TIMEOUT",
    message: `The socket was not done with ${what} after ${limitSeconds} seconds`,
    fix: "Do the slow part in a queue, and send its outcome from there with socket.send()",
  });
  // It is a timer that notices: where that runs says nothing of where the handler is.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** Something that no message can carry. */
export function invalidSocketMessage(reason: string, cause?: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_SOCKET_MESSAGE",
    message: `This cannot be sent to a WebSocket: ${reason}`,
    fix: 'Send a JSON value or a string; bytes as text: bytes.toString("base64")',
    cause,
  });
}

/** A message larger than API Gateway sends. */
export function socketMessageTooLarge(bytes: number, limit: number): QueueRunError {
  return new QueueRunError({
    code: "QR_SOCKET_TOO_LARGE",
    message: `The message has ${bytes} bytes, and a WebSocket message may have ${limit}`,
    fix: "Send it in parts, or send an address to fetch it from",
    details: { bytes, limit },
  });
}

/** `socket.send` where there is neither a connection nor a user. */
export function noRecipient(): QueueRunError {
  return new QueueRunError({
    code: "QR_SOCKET_NO_RECIPIENT",
    message:
      "socket.send() and socket.close() are for the connection of a socket's handler, or for the user of a request or a job; this code has neither",
    fix: "Say whom: socket.to(userId).send(…); or authenticate the request that this follows from",
  });
}

/** Something for a connection that is only about to open. */
export function socketNotOpen(): QueueRunError {
  return new QueueRunError({
    code: "QR_SOCKET_NOT_OPEN",
    message:
      "The connection is only about to open: API Gateway sends nothing to it before its hooks have ended",
    fix: "Answer the client's first message, or push a job that sends: socket.send() in a job reaches its user",
  });
}

/** The socket is used where there is none. */
export function noSocket(): QueueRunError {
  return new QueueRunError({
    code: "QR_NO_SOCKET",
    message: "There is no socket that this code could reach",
    fix: "Add socket/index.ts to the project. Containers (queue-run start) and scripts (queue-run exec) serve and reach no socket",
  });
}

/** A send after its handler's result was already decided. */
export function sendAfterEnd(): QueueRunError {
  return new QueueRunError({
    code: "QR_HANDLER_ENDED",
    message: "Something was sent to a WebSocket after its handler had ended, so nothing would wait for it",
    fix: "Await the work that sends before the handler returns",
  });
}

/** API Gateway did not take a message, for another reason than that the connection is gone. */
export function socketSendFailed(connection: string, cause: Error): QueueRunError {
  return new QueueRunError({
    code: "QR_SOCKET_SEND_FAILED",
    message: `Nothing could be sent to the connection ${connection}: ${cause.name}: ${cause.message}`,
    fix: "Where AWS refuses access, deploy again: functions that import socket get execute-api:ManageConnections. Otherwise try again",
    cause,
  });
}
