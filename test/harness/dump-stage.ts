import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Aws } from "./moto-proxy.js";

/** What AWS says a stage is, as Python's boto3 reads it. */
export type StageDump = {
  queues: Record<string, { attributes: Record<string, unknown>; tags: Record<string, string> }>;
  functions: Record<string, FunctionDump>;
  roles: Record<string, RoleDump>;
  logGroups: Record<string, { retentionDays: number | null; tags: Record<string, string> }>;
  scheduling: GroupDump | null;
  /** The group of delayed messages. */
  delays: GroupDump | null;
  apis: Record<string, Record<string, unknown>>;
  table: Record<string, unknown> | null;
  parameter: { type: string } | null;
};

type GroupDump = {
  group: Record<string, unknown>;
  tags: Record<string, string>;
  schedules: Record<string, Record<string, unknown>>;
};

type FunctionDump = {
  latest: Record<string, unknown>;
  /** The version that the alias `live` points at; null: there is no alias. */
  live: Record<string, unknown> | null;
  alias: Record<string, unknown> | null;
  version: string | null;
  url: Record<string, unknown> | null;
  policy: Record<string, unknown>[] | null;
  invoke: Record<string, unknown> | null;
  recursion: string | null;
  mappings: Record<string, unknown>[];
  tags: Record<string, string>;
};

type RoleDump = {
  path: string;
  trust: object;
  policies: Record<string, object>;
  attached: unknown[];
  tags: Record<string, string>;
};

/** Reads stages as a client in another language does. */
export type StageDumper = {
  dump: (project: string, stage: string) => Promise<StageDump>;
  stop: () => void;
};

/** Starts `dump-stage.py`, which answers until it is stopped. It needs boto3, which comes with moto. */
export function startStageDumper({ endpoint, region }: Aws): StageDumper {
  const script = fileURLToPath(new URL("dump-stage.py", import.meta.url));
  const child = spawn("python3", [script], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async dump(project, stage) {
      child.stdin.write(`${project} ${stage}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("dump-stage.py has ended");
      const answer = JSON.parse(value) as { stage: StageDump } | { error: string };
      if ("error" in answer) throw new Error(answer.error);
      return answer.stage;
    },
    stop: () => child.kill("SIGTERM"),
  };
}
