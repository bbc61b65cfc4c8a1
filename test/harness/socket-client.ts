import { WebSocket } from "ws";
import { type WaitOptions, waitFor } from "./wait-for.js";

/** A client of a WebSocket, and all that it was told. */
export type SocketClient = {
  socket: WebSocket;
  /** What came, as JSON where it is JSON. */
  messages: unknown[];
  send: (message: unknown) => void;
  /** Sends text as it is. */
  sendText: (text: string) => void;
  /** Waits for a message that satisfies; of those already there, too. */
  received: (what: string, is: (message: unknown) => boolean, options?: WaitOptions) => Promise<unknown>;
  /** Sends, and waits for the next message. */
  ask: (message: unknown) => Promise<unknown>;
  /** Resolves when it has closed. */
  closed: Promise<{ code: number; reason: string }>;
  close: () => Promise<{ code: number; reason: string }>;
  /** Ends the connection without a close frame, as a process that is killed does. */
  cut: () => void;
};

export type ConnectOptions = { headers?: Record<string, string>; protocols?: string[] };

/**
 * Opens a WebSocket.
 *
 * @throws an error with `status` when the handshake is refused
 */
export async function connectSocket(url: string, options: ConnectOptions = {}): Promise<SocketClient> {
  const socket = new WebSocket(url, options.protocols ?? [], { headers: options.headers ?? {} });
  const messages: unknown[] = [];
  socket.on("message", (data) => messages.push(parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", (request, response) => {
      request.destroy();
      reject(Object.assign(new Error(`Refused: ${response.statusCode}`), { status: response.statusCode }));
    });
  });
  socket.on("error", () => {
    // Its close tells.
  });
  const send = (message: unknown) => socket.send(JSON.stringify(message));
  const received: SocketClient["received"] = async (what, is, waitOptions) => {
    const found = await waitFor(
      `the message ${what}`,
      () => {
        const message = messages.find(is);
        return message === undefined ? null : { message };
      },
      waitOptions,
    ).catch((error) => {
      throw new Error(`${error.message}; it got ${JSON.stringify(messages)}`);
    });
    return found.message;
  };
  return {
    socket,
    messages,
    send,
    sendText: (text) => socket.send(text),
    received,
    async ask(message) {
      const before = messages.length;
      send(message);
      await waitFor(`an answer to ${JSON.stringify(message)}`, () => messages.length > before);
      return messages[before];
    },
    closed,
    close() {
      socket.close();
      return closed;
    },
    cut: () => socket.terminate(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
