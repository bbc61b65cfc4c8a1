import { QueueRunError } from "@queue-run/runtime/errors";
import type { Command } from "commander";
import type { PortableError } from "../dev/worker/protocol.js";
import { durationText } from "../terminal/duration-text.js";
import type { CommandIo, GlobalOptions } from "./command.js";

type RunAnswer = { jobId: string; durationMs: number };

/** Adds `dev schedule NAME`: runs a schedule of the running dev server now, and waits for its end. */
export function configureDevSchedule(dev: Command, io: CommandIo): void {
  const command = dev
    .command("schedule <name>")
    .description("run a schedule of the running dev server now, and wait for its end")
    .addHelpText("after", "\nThe server is found by --port, or where the one of this project listens.");
  command.action(async (name: string) => {
    // Of `dev`: where its server listens, and whether to print JSON.
    const flags = command.optsWithGlobals<GlobalOptions & { port?: number; json?: boolean }>();
    const { sendToDevServer } = await import("../dev/dev-client.js");
    const answer = await sendToDevServer<RunAnswer | { error: PortableError }>(
      flags.cwd,
      flags.port,
      "POST",
      `/_queue-run/schedule/${encodeURIComponent(name)}`,
    );
    if ("error" in answer) throw asError(answer.error);
    io.stdout.write(
      flags.json
        ? `${JSON.stringify({ schedule: name, ...answer })}\n`
        : `Ran ${name} in ${durationText(answer.durationMs)} (${answer.jobId})\n`,
    );
  });
}

function asError({ code, message, fix }: PortableError): Error {
  if (!code?.startsWith("QR_")) return new Error(message);
  return new QueueRunError({ code: code as `QR_${string}`, message, fix: fix ?? undefined });
}
