import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";

const HOST = fileURLToPath(new URL("lambda-instance.mjs", import.meta.url));

/** An instance of a built function that takes one event at a time. */
export type LambdaInstance = {
  /** Rejects when the function throws, ends its process, or overruns its time. */
  invoke: (event: SQSEvent, timeoutSeconds: number) => Promise<SQSBatchResponse>;
  stop: () => void;
};

type Reply = { id: string; response?: SQSBatchResponse; error?: string };

/** @param bundle - absolute path of the module that exports `handler` */
export async function startInstance(bundle: string, env: Record<string, string>): Promise<LambdaInstance> {
  const child = fork(HOST, [bundle], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
  });
  await nextMessage(child, (message) => "ready" in message);
  return {
    async invoke(event, timeoutSeconds) {
      const id = randomUUID();
      child.send({ id, event, timeoutMs: timeoutSeconds * 1_000 });
      const reply = (await nextMessage(child, (message) => message.id === id)) as Reply;
      if (!reply.response) throw new Error(reply.error);
      return reply.response;
    },
    stop: () => void child.kill("SIGKILL"),
  };
}

function nextMessage(
  child: ChildProcess,
  wanted: (message: Record<string, unknown>) => boolean,
): Promise<object> {
  return new Promise((resolve, reject) => {
    const ended = () => settle(() => reject(new Error("The function's process has ended")));
    const listen = (message: object) => {
      if (wanted(message as Record<string, unknown>)) settle(() => resolve(message));
    };
    const settle = (outcome: () => void) => {
      child.off("message", listen).off("exit", ended);
      outcome();
    };
    child.on("message", listen).on("exit", ended);
  });
}
