import { join } from "node:path";
import { bundleFunctions } from "../build/bundle-functions.js";
import { type FunctionPackage, packageFunctions } from "../build/package/package-functions.js";
import { writeTypes } from "../build/type-declarations.js";
import type { CommandIo } from "../commands/command.js";
import { ProjectProblemsError } from "../errors/project-errors.js";
import type { Manifest, Problem } from "../project/manifest.js";
import { prepareOutputFolder } from "../project/output-folder.js";
import { readProject } from "../project/read-project.js";
import { readSummary } from "./actual/read-summary.js";
import { readStageVariables } from "./actual/stage-variables.js";
import { type Aws, type CallerIdentity, connect } from "./aws/connect.js";
import { checkDesired } from "./desired/check-desired.js";
import type { DesiredState } from "./desired/desired-state.js";
import { desiredTable } from "./desired/desired-table.js";
import { desiredState } from "./desired/make-desired-state.js";

/** What a deploy is asked for, as far as what it deploys goes. */
export type DeployTarget = {
  /** The project's folder. */
  root: string;
  stage: string;
  region: string | null;
  /** `-e NAME=VALUE` */
  variables: Readonly<Record<string, string>>;
};

/** Everything that a deploy needs, checked as far as it can be without changing anything. */
export type PreparedDeploy = {
  aws: Aws;
  identity: CallerIdentity;
  desired: DesiredState;
  /** By function id. */
  zips: ReadonlyMap<string, Uint8Array>;
  warnings: Problem[];
  /** What exists of the stage: read while the project was built. */
  summary: ReturnType<typeof readSummary>;
  /** A deploy is one of its own. */
  goesBackTo: null;
  heading: string;
};

/**
 * Reads and builds the project, connects to AWS, and works out what the stage is to be.
 *
 * @throws ProjectProblemsError with all that is wrong; what AWS refuses
 */
export async function prepareDeploy(
  { root, stage, region, variables: flags }: DeployTarget,
  { env }: Pick<CommandIo, "env">,
): Promise<PreparedDeploy> {
  const reading = await readProject(root, { stage });
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  const { manifest } = reading;
  const project = manifest.name;
  const [packages, { aws, identity, parameter, summary }] = await Promise.all([
    build(manifest),
    connectTo(region ?? manifest.settings.region ?? null, { project, stage }, env),
  ]);

  const { account, partition } = identity;
  const variables = { parameter, flags };
  const desired = desiredState({
    manifest,
    scope: { project, stage, partition, account, region: aws.region },
    variables,
    packages,
  });
  const problems = checkDesired(desired, { manifest, variables });
  if (problems.length > 0) throw new ProjectProblemsError(problems);
  return {
    aws,
    identity,
    desired,
    zips: new Map(packages.map(({ id, zip }) => [id, zip])),
    warnings: [...reading.warnings, ...warningsOf(packages)],
    summary,
    goesBackTo: null,
    heading: "Deploying",
  };
}

async function build(manifest: Manifest): Promise<FunctionPackage[]> {
  const folder = prepareOutputFolder(manifest.root);
  writeTypes(manifest);
  return packageFunctions(await bundleFunctions(manifest, join(folder, "deploy")), manifest);
}

async function connectTo(
  region: string | null,
  stage: { project: string; stage: string },
  env: CommandIo["env"],
) {
  const aws = await connect({ region, env });
  const [identity, parameter] = await Promise.all([aws.identity(), readStageVariables(aws, stage)]);
  const { account, partition } = identity;
  const scope = { ...stage, partition, account, region: aws.region };
  const summary = readSummary(aws, { scope, table: desiredTable(scope, {}) });
  // Whoever needs it gets its failure; a project that cannot be built needs it no more.
  summary.catch(() => {});
  return { aws, identity, parameter, summary };
}

/** Each once: functions share what they are about. */
function warningsOf(packages: readonly FunctionPackage[]): Problem[] {
  const warnings = packages.flatMap((each) => each.warnings);
  return [...new Map(warnings.map((warning) => [`${warning.file} ${warning.message}`, warning])).values()];
}
