import type { BuiltProject } from "../build/built-project.js";
import { variablesMissingError } from "../errors/start-errors.js";
import type { StageVariables } from "../remote-sqs/stage-variables.js";

type Variables = Readonly<Record<string, string | undefined>>;

/** What the environment of handlers is made of. */
export type EnvironmentFacts = {
  project: Pick<BuiltProject, "name" | "stage" | "settings">;
  /** Null: the project has no queues, and the shell's region is what there is. */
  region: string | null;
  queueUrlPrefix: string;
  /** Where the stage's records are, and what sends its delayed jobs. Null: the project has no queues. */
  stageVariables: StageVariables | null;
  /** Where this process serves HTTP; a QUEUE_RUN_URL that the user gives is the project's address instead. */
  ownUrl: string;
  /** `-e` */
  flags: Variables;
  shell: Variables;
};

/**
 * The environment that handlers see: ours, `-e`, the shell, queue-run.config.ts. There is no `.env`, as on Lambda.
 *
 * @throws QueueRunError `QR_REQUIRED_ENV` when a variable that the project requires has no value
 */
export function startEnvironment(facts: EnvironmentFacts): Record<string, string | undefined> {
  const { project, region, queueUrlPrefix, stageVariables, ownUrl, flags, shell } = facts;
  const users = { ...project.settings.env, ...shell, ...flags };
  const environment: Record<string, string | undefined> = {
    ...users,
    NODE_ENV: "production",
    QUEUE_RUN_PROJECT: project.name,
    QUEUE_RUN_STAGE: project.stage,
    QUEUE_RUN_URL: users.QUEUE_RUN_URL || ownUrl,
    QUEUE_RUN_SQS_URL_PREFIX: queueUrlPrefix,
    ...stageVariables,
    QUEUE_RUN_CREDENTIAL_CHAIN: credentialChain(),
    // Its answers are written as they come, as by a function URL that streams.
    QUEUE_RUN_HTTP: "url",
    ...(region !== null && { AWS_REGION: region }),
  };
  const missing = (project.settings.requiredEnv ?? []).filter((name) => !environment[name]);
  if (missing.length > 0) throw variablesMissingError(missing);
  return environment;
}

/** The URL of the SDK's chain of credential providers, which the project's own packages need not have. */
export function credentialChain(): string {
  return import.meta.resolve("@aws-sdk/credential-provider-node");
}
