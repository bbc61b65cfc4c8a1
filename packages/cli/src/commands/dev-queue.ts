import { QueueRunError } from "@queue-run/runtime/errors";
import type { Command } from "commander";
import type { PortableError } from "../dev/worker/protocol.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { payloadArgument } from "./payload-argument.js";
import { addPushFlags, type PushFlags, pushFlagAdvice, toPushOptions } from "./push-flags.js";

type DevQueueFlags = GlobalOptions &
  PushFlags & { /** Of `dev`: where its server listens. */ port?: number; json?: boolean };

/** Adds `dev queue NAME [payload|@file|-]`: a push into the running dev server. */
export function configureDevQueue(dev: Command, io: CommandIo): void {
  const command = addPushFlags(
    dev
      .command("queue <name> [payload]")
      .description(
        "push a job into the running dev server; the payload is JSON or text, @file, or - for standard input",
      )
      .addHelpText("after", "\nThe server is found by --port, or where the one of this project listens."),
  );
  command.action(async (name: string, payload: string | undefined) => {
    const flags = command.optsWithGlobals<DevQueueFlags>();
    const { sendToDevServer } = await import("../dev/dev-client.js");
    const answer = await sendToDevServer<{ jobId: string } | { error: PortableError }>(
      flags.cwd,
      flags.port,
      "POST",
      `/_queue-run/queue/${encodeURIComponent(name)}`,
      { payload: await payloadArgument(payload, flags.cwd), options: toPushOptions(flags) },
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
  return new QueueRunError({
    code: code as `QR_${string}`,
    message,
    fix: pushFlagAdvice(code) ?? fix ?? undefined,
  });
}
