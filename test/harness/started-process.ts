import { type RunningCommand, startCommand } from "./command.js";
import { freePort } from "./free-port.js";

/** `queue-run start`, ready. */
export type StartedProcess = {
  command: RunningCommand;
  url: string;
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
  health: () => Promise<{ code: number; status: string } & Record<string, unknown>>;
  /** Sends a signal and waits for the end. Returns the exit code. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
};

/** Starts it in a folder, on a free port, and waits until it says that it is ready. */
export async function startProcess(
  folder: string,
  env: Record<string, string>,
  args: string[] = [],
): Promise<StartedProcess> {
  const port = await freePort();
  const command = startCommand(["start", "--port", String(port), ...args], { cwd: folder, env });
  await command.printed(/"message":"(Listening|Health) on port/, { deadlineMs: 30_000 });
  const url = `http://127.0.0.1:${port}`;
  return {
    command,
    url,
    fetch: (path, init) => fetch(url + path, init),
    async health() {
      const response = await fetch(`${url}/_queue-run/health`);
      const body = (await response.json()) as { status: string };
      return { code: response.status, ...body };
    },
    async end(signal) {
      command.signal(signal);
      return (await command.ended).code;
    },
  };
}
