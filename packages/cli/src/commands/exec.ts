import { resolve } from "node:path";
import type { Command } from "commander";
import { ExitCode } from "../errors/exit-code.js";
import type { CommandIo, GlobalOptions } from "./command.js";

type ExecFlags = GlobalOptions & { stage?: string; region?: string; build?: string };

/** `queue-run exec -- CMD`: a script whose `queues()` work. */
export function configure(command: Command, io: CommandIo): void {
  command
    .usage("[options] -- CMD [ARGUMENTS…]")
    .argument("<cmd...>", "what to run: node seed.js, tsx scripts/import.ts, npm run seed")
    .option("--stage <stage>", "push into this deployed stage (default: the dev server of this folder)")
    .option("--region <region>", "the stage's AWS region")
    .option("--build <dir>", "take the names of queues from what `queue-run build -o DIR` left")
    .action(async (words: string[]) => {
      const flags = command.optsWithGlobals<ExecFlags>();
      const [{ findDevServer, findStage }, { scriptVariables }, { runScript }] = await Promise.all([
        import("../exec/find-project.js"),
        import("../exec/script-variables.js"),
        import("../exec/run-script.js"),
      ]);
      const { cwd: root, stage, region = null, build } = flags;
      const project =
        stage === undefined
          ? await findDevServer(root)
          : await findStage(
              { root, stage, region, build: build === undefined ? null : resolve(root, build) },
              io,
            );
      const env = scriptVariables(project, { root, shell: io.env, isDevelopment: stage === undefined });
      const exitCode = await runScript(words, { root, env });
      if (exitCode !== 0) throw new ExitCode(exitCode);
    });
}
