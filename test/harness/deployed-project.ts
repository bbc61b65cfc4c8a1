import { type StandIn, startStandIn } from "./aws-stand-in.js";
import { type CommandResult, runCommand } from "./command.js";
import { type Aws, startAws } from "./moto-proxy.js";
import { makeProject, type TemporaryProject } from "./temporary-project.js";

/** A project that the real command line has deployed to moto as the stage "test", and what runs it there. */
export type DeployedProject = {
  aws: Aws;
  standIn: StandIn;
  project: TemporaryProject;
  /** Of its API's function; null where it has none. */
  url: string | null;
  /** Runs the command line in it. */
  run: (args: string[]) => Promise<CommandResult>;
  stop: () => Promise<void>;
};

const DEADLINE_MS = 150_000;

/**
 * @param files - the project's, by path
 * @param flags - of the deploy
 * @throws when the deploy fails
 */
export async function deployProject(
  files: Record<string, string>,
  flags: readonly string[] = [],
): Promise<DeployedProject> {
  const aws = await startAws();
  const project = makeProject(files, { keep: true });
  const run = (args: string[]) =>
    runCommand(args, { cwd: project.folder, env: aws.env, deadlineMs: DEADLINE_MS });
  const { code, stderr } = await run(["deploy", "--stage", "test", "--yes", ...flags]);
  if (code !== 0) {
    await aws.stop();
    project.dispose();
    throw new Error(`The deploy ended with ${code}: ${stderr}`);
  }
  const standIn = startStandIn(aws);
  const hasApi = Object.keys(files).some((path) => path.startsWith("api/"));
  const { name } = JSON.parse(files["package.json"] ?? "{}");
  const url = hasApi ? (await standIn.serve(`${name}-test-api`)).url : null;
  return {
    ...{ aws, standIn, project, url, run },
    async stop() {
      await standIn.stop();
      await aws.stop();
      project.dispose();
    },
  };
}
