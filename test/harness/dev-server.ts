import { type CommandOptions, type RunningCommand, startCommand } from "./command.js";
import { freePort } from "./free-port.js";
import { type LocalQueues, sqsAt } from "./local-queues.js";
import { type WaitOptions, waitFor } from "./wait-for.js";

/** `queue-run dev`, ready to be used. */
export type DevServer = {
  command: RunningCommand;
  port: number;
  /** "http://localhost:PORT" */
  url: string;
  sqsPort: number;
  /** The local SQS endpoint, as an application with AWS's SDK uses it. */
  sqs: LocalQueues;
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** POSTs and expects 202. Returns the job's id. */
  post: (
    path: string,
    body: string | URLSearchParams | FormData,
    headers?: Record<string, string>,
  ) => Promise<string>;
  printed: RunningCommand["printed"];
  /** Ctrl-C; resolves when the process has ended. */
  stop: () => Promise<void>;
  /** As the kernel does it when memory is out: no chance to tidy up. */
  kill: () => Promise<void>;
};

export type DevOptions = Partial<CommandOptions> & { arguments?: string[]; port?: number; sqsPort?: number };

const READY = /Dev server listening on (http:\/\/localhost:(\d+))/;

/** Starts the dev server in a folder, on free ports, and waits until it says that it is ready. */
export async function startDev(folder: string, options: DevOptions = {}): Promise<DevServer> {
  const { arguments: extra = [], port = await freePort(), sqsPort = await freePort(), ...rest } = options;
  const args = ["dev", "--port", String(port), "--sqs-port", String(sqsPort), ...extra];
  const command = startCommand(args, { cwd: folder, ...rest });
  await command.printed(READY, { deadlineMs: 30_000 });
  const ready = READY.exec(command.stdout());
  if (!ready?.[1]) throw new Error(`The ready line is not on stdout:\n${command.output()}`);
  const url = ready[1];
  const sqs = sqsAt(`http://localhost:${sqsPort}`);
  const end = async (signal: NodeJS.Signals) => {
    if (!command.hasEnded()) command.signal(signal);
    await command.ended;
    sqs.close();
  };
  return {
    command,
    port: Number(ready[2]),
    url,
    sqsPort,
    sqs,
    fetch: (path, init) => fetch(url + path, init),
    async post(path, body, headers = {}) {
      const response = await fetch(url + path, { method: "POST", body, headers });
      const id = response.headers.get("x-job-id");
      if (response.status !== 202 || !id)
        throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return id;
    },
    printed: command.printed,
    stop: () => end("SIGINT"),
    kill: () => end("SIGKILL"),
  };
}

/** Waits until an answer has the body that is expected: a saved file that is live, a job's effect. */
export async function answered(
  server: DevServer,
  path: string,
  body: string,
  options?: WaitOptions,
): Promise<void> {
  let last = "";
  const same = async () => {
    last = await (await server.fetch(path)).text();
    return last === body;
  };
  await waitFor(`${path} to answer ${body}`, same, options).catch((error) => {
    throw new Error(
      `${error.message}; it answered ${last}\nOutput ends:\n${server.command.output().slice(-2_000)}`,
    );
  });
}
