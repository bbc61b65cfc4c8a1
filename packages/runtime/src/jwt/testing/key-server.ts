import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestKey } from "./tokens.js";

/** An issuer's server: what it publishes, and how often it was asked. */
export type KeyServer = {
  url: string;
  keys: TestKey[];
  requests: number;
  /** Answers in place of the keys, when set. */
  answer: ((response: ServerResponse) => void) | null;
  stop(): Promise<void>;
};

export async function startKeyServer(keys: TestKey[]): Promise<KeyServer> {
  const http = createServer((_request, response) => {
    server.requests++;
    if (server.answer) return server.answer(response);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: server.keys.map(({ jwk }) => jwk) }));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const server: KeyServer = {
    url: `http://127.0.0.1:${port}/jwks.json`,
    keys,
    requests: 0,
    answer: null,
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}
