import { readStageVariables } from "../../packages/cli/src/deploy/actual/stage-variables.js";
import type { Aws as Connection } from "../../packages/cli/src/deploy/aws/connect.js";
import { type CarryOutOptions, carryOut } from "../../packages/cli/src/deploy/carry-out.js";
import { desiredState } from "../../packages/cli/src/deploy/desired/make-desired-state.js";
import type { Aws } from "./moto-proxy.js";
import type { PackagedProject } from "./packaged-project.js";
import { skippingClock } from "./skipping-clock.js";

/** What a deploy in this process is told. */
export type DeployOptions = Partial<Pick<CarryOutOptions, "prune" | "refresh" | "dryRun">> & {
  /** Attempts of each call; default: as the command line has it. */
  attempts?: number;
  /** `-e NAME=VALUE` */
  variables?: Record<string, string>;
};

/** How it ended. */
export type Deployed = {
  /** "deployed", "nothing to change", "failed"; null: it ended before there was a plan. */
  result: string | null;
  steps: { id: string; status: string }[];
  notes: string[];
  error: Error | null;
};

/**
 * Deploys what is packaged already, as `queue-run deploy --yes --json` does, on a clock that waits for nothing: for
 * tests that deploy hundreds of times.
 */
export async function deployInProcess(
  aws: Aws,
  { manifest, packages }: PackagedProject,
  stage: string,
  { attempts = 8, variables = {}, prune = false, refresh = false, dryRun = false }: DeployOptions = {},
): Promise<Deployed> {
  const clock = skippingClock(() => aws.underWay() > 0);
  const connection: Connection = {
    region: aws.region,
    clock,
    identity: async () => identity,
    settings: {
      region: aws.region,
      credentials: async () => ({ accessKeyId: "test", secretAccessKey: "test" }),
      retryMode: "standard",
      maxAttempts: attempts,
      requestHandler: { connectionTimeout: 6_000, socketTimeout: 30_000 },
      endpoint: aws.endpoint,
    } as Connection["settings"],
  };
  const identity = { account: aws.account, partition: "aws", arn: `arn:aws:iam::${aws.account}:user/ci` };
  const scope = { project: manifest.name, stage, partition: "aws", account: aws.account, region: aws.region };
  let printed = "";
  const io = {
    stdout: {
      write(text: string) {
        printed += text;
      },
    },
    stderr: { write: () => {} },
    isTerminal: false,
    env: {},
  };
  let error: Error | null = null;
  try {
    const desired = desiredState({
      manifest,
      scope,
      variables: { parameter: await readStageVariables(connection, scope), flags: variables },
      packages,
    });
    const zips = new Map(packages.map(({ id, zip }) => [id, zip]));
    const prepared = {
      aws: connection,
      identity,
      desired,
      zips,
      warnings: [],
      goesBackTo: null,
      heading: "",
    };
    await carryOut(prepared, { prune, refresh, dryRun, yes: true, json: true }, io);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  } finally {
    clock.stop();
  }
  const { result = null, steps = [], notes = [] } = printed === "" ? {} : JSON.parse(printed);
  return { result, steps, notes, error };
}
