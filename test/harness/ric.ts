import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import {
  type InvokeOptions,
  type RuntimeAnswer,
  type RuntimeApi,
  startRuntimeApi,
} from "./lambda-runtime-api.js";
import { repository } from "./repository.js";

const PLATFORM = `${process.platform}-${process.arch}`;
const NODE = join(repository, `.cache/node-24/node_modules/node-${PLATFORM}/bin/node`);
const PLAIN_RUNTIME = fileURLToPath(new URL("plain-runtime.mjs", import.meta.url));
const RIC = join(repository, ".cache/ric/node_modules/aws-lambda-ric/index.mjs");

/** @returns why deployed code cannot run as on Lambda on this machine, or null where it can */
export function ricMissing(): string | null {
  const isThere = existsSync(NODE) && existsSync(join(dirname(RIC), "rapid-client.node"));
  return isThere ? null : "aws-lambda-ric is not installed (.ci/install-ric.sh installs it)";
}

/** An instance of a deployed function: AWS's own runtime interface client on Lambda's Node, running a zip. */
export type RicInstance = {
  /** One at a time. Rejects as Lambda does when the process ends (Runtime.ExitError) or time is up; then starts anew. */
  invoke: (event: unknown, options?: Partial<InvokeOptions>) => Promise<RuntimeAnswer>;
  /** What was written to stdout and stderr, in lines. */
  logs: () => string[];
  /** The same as objects; lines that are not JSON have `text`. */
  jsonLogs: () => Record<string, unknown>[];
  /** How often the process was started. */
  starts: () => number;
  stop: () => void;
};

export type RicOptions = {
  zip: Uint8Array;
  /** "plain": this process's Node and a stand-in of ours for the client. Default "ric", which must be installed. */
  runtime?: "ric" | "plain";
  env?: Record<string, string>;
  /** "index.handler" */
  handler?: string;
  functionName?: string;
  version?: string;
  timeoutMs?: number;
};

/** Unzips into a fresh folder, as Lambda does into /var/task, and starts the runtime with the first invocation. */
export function createRicInstance({
  zip,
  runtime = "ric",
  env = {},
  handler = "index.handler",
  functionName = "function",
  version = "1",
  timeoutMs: defaultTimeoutMs = 30_000,
}: RicOptions): RicInstance {
  const folder = unzip(zip);
  const output: string[] = [];
  let starts = 0;
  let current: { child: ChildProcess; api: RuntimeApi; ended: Promise<number | null> } | null = null;

  const start = async () => {
    starts++;
    const api = await startRuntimeApi();
    const [node, client] = runtime === "ric" ? [NODE, RIC] : [process.execPath, PLAIN_RUNTIME];
    const child = spawn(node, [client], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...lambdaEnvironment({ folder, handler, functionName, version }),
        ...env,
        AWS_LAMBDA_RUNTIME_API: api.address,
      },
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => output.push(text));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const started = { child, api, ended };
    void ended.then(() => {
      api.close();
      if (current === started) current = null;
    });
    return started;
  };

  const lines = () => output.join("").split("\n").filter(Boolean);
  return {
    async invoke(event, options = {}) {
      current ??= await start();
      const { api, child, ended } = current;
      const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
      let timer: NodeJS.Timeout | undefined;
      const timedOut = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          child.kill("SIGKILL");
          reject(
            new Error(`Sandbox.Timedout: Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`),
          );
        }, timeoutMs);
      });
      const exited = ended.then((code): never => {
        throw new Error(`Runtime.ExitError: Runtime exited with ${code}\n${lines().slice(-5).join("\n")}`);
      });
      exited.catch(() => {});
      const answer = api.invoke(event, { ...options, timeoutMs });
      answer.catch(() => {});
      try {
        return await Promise.race([answer, exited, timedOut]);
      } finally {
        clearTimeout(timer);
      }
    },
    logs: lines,
    jsonLogs: () => lines().map(parseLine),
    starts: () => starts,
    stop() {
      current?.child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What Lambda sets. Lambda Developer Guide, "Defined runtime environment variables". */
function lambdaEnvironment({
  folder,
  handler,
  functionName,
  version,
}: Record<"folder" | "handler" | "functionName" | "version", string>): Record<string, string> {
  return {
    _HANDLER: handler,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_SESSION_TOKEN: "test",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_LOG_LEVEL: "INFO",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[1]0123456789abcdef",
    LAMBDA_TASK_ROOT: folder,
    LAMBDA_RUNTIME_DIR: dirname(RIC),
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    PATH: "/usr/local/bin:/usr/bin:/bin",
  };
}

/** Writes a zip's files as Lambda does: readable, and not to be written. */
function unzip(zip: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "queue-run-task-"));
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    chmodSync(path, 0o444);
  }
  return folder;
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { text: line };
  }
}
