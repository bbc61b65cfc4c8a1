import { QueueRunError } from "@queue-run/runtime/errors";
import type { Command } from "commander";
import type { PortableError } from "../dev/worker/protocol.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { payloadArgument } from "./payload-argument.js";

type PushFlags = GlobalOptions & {
  /** Of `dev`: where its server listens. */
  port?: number;
  json?: boolean;
  group?: string;
  dedupe?: string | false;
  delay?: string;
  tag?: string;
  job?: string;
};

/** Adds `dev queue NAME [payload|@file|-]`: a push into the running dev server. */
export function configureDevQueue(dev: Command, io: CommandIo): void {
  const command = dev
    .command("queue <name> [payload]")
    .description(
      "push a job into the running dev server; the payload is JSON or text, @file, or - for standard input",
    )
    .option("--group <id>", "whose jobs run one after another (FIFO), or the tenant")
    .option("--dedupe <id>", "pushes with the same id within five minutes are one job (FIFO)")
    .option("--no-dedupe", "push even what was pushed before (FIFO)")
    .option("--delay <duration>", "how long to wait before it runs: 30, 5m, 1h")
    .option("--tag <tag>", "a tag for cancelling")
    .option("--job <name>", "the exported function that runs it")
    .addHelpText("after", "\nThe server is found by --port, or where the one of this project listens.");
  command.action(async (name: string, payload: string | undefined) => {
    const flags = command.optsWithGlobals<PushFlags>();
    const { sendToDevServer } = await import("../dev/dev-client.js");
    const { group, dedupe, delay, tag, job } = flags;
    const options = {
      group,
      // Commander gives `--no-dedupe` a default of true.
      dedupe: typeof dedupe === "string" || dedupe === false ? dedupe : undefined,
      delay: delay !== undefined && /^\d+(\.\d+)?$/.test(delay) ? Number(delay) : delay,
      tag,
      job,
    };
    const answer = await sendToDevServer<{ jobId: string } | { error: PortableError }>(
      flags.cwd,
      flags.port,
      "POST",
      `/_queue-run/queue/${encodeURIComponent(name)}`,
      { payload: await payloadArgument(payload, flags.cwd), options },
    );
    if ("error" in answer) throw asError(answer.error);
    io.stdout.write(
      flags.json ? `${JSON.stringify({ jobId: answer.jobId })}\n` : `Pushed ${answer.jobId} to ${name}\n`,
    );
  });
}

/** The runtime's error, with the way to mend it that fits a command line. */
function asError({ code, message, fix }: PortableError): Error {
  if (!code?.startsWith("QR_")) return new Error(message);
  const flag = FLAGS[code];
  return new QueueRunError({ code: code as `QR_${string}`, message, fix: flag ?? fix ?? undefined });
}

const FLAGS: Partial<Record<string, string>> = {
  QR_GROUP_REQUIRED: "Say whose job it is with --group ID.",
  QR_DEDUPE_NOT_FIFO: "Leave --dedupe out: deduplication is for FIFO queues.",
};
