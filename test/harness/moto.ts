import { spawn, spawnSync } from "node:child_process";
import { freePort } from "./free-port.js";
import { waitFor } from "./wait-for.js";

/** Python's moto, pretending to be AWS: a referee that we did not write. */
export type Moto = { endpoint: string; stop: () => Promise<void> };

/** @returns why there is no moto on this machine, or null where there is */
export function motoMissing(): string | null {
  const found = spawnSync("moto_server", ["--help"], { stdio: "ignore" });
  return found.status === 0 ? null : "moto_server is not installed (pip install 'moto[server]')";
}

/** Starts a server with nothing in it. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  await waitFor("moto_server to answer", async () => (await fetch(`${endpoint}/moto-api/`)).ok, {
    deadlineMs: 60_000,
  });
  return {
    endpoint,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
