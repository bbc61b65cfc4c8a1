import { createServer } from "node:net";

/** Below the range that systems take ports for outgoing connections from, so that none is taken between look and use. */
const FIRST = 20_000;
const COUNT = 12_000;

const handedOut = new Set<number>();

/** @returns a port that nothing listens on, never the same one twice in this process */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error("No free port found");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  await new Promise((resolve) => server.close(resolve));
  return free;
}
