import type {
  DesiredDelays,
  DesiredEnvironment,
  FunctionKind,
  StageScope,
  VariableOrigin,
} from "./desired-state.js";

/** The stage's variables, by where they come from. */
export type StageVariables = {
  /** Of the stage's parameter (`queue-run env set`). */
  parameter: Readonly<Record<string, string>>;
  /** `-e NAME=VALUE` */
  flags: Readonly<Record<string, string>>;
};

/** The domain of a partition's endpoints. AWS General Reference, "AWS service endpoints". */
const DNS_SUFFIXES: Readonly<Record<string, string>> = {
  aws: "amazonaws.com",
  "aws-cn": "amazonaws.com.cn",
  "aws-us-gov": "amazonaws.com",
  "aws-eusc": "amazonaws.eu",
  "aws-iso": "c2s.ic.gov",
  "aws-iso-b": "sc2s.sgov.gov",
  "aws-iso-e": "cloud.adc-e.uk",
  "aws-iso-f": "csp.hci.ic.gov",
};

/**
 * What a function finds in `process.env`. Ours comes first, then `-e`, the stage's parameter, and the project's `env`.
 *
 * @param config - `env` of queue-run.config.ts
 */
export function desiredEnvironment(
  scope: StageScope,
  fn: {
    kind: FunctionKind;
    isBehindHttpApi: boolean;
    withUrl: boolean;
    withSocketUrl: boolean;
    /** Null for functions that use no item of the table. */
    tableName: string | null;
    /** Null for functions that push to no queue. */
    delays: DesiredDelays | null;
  },
  { parameter, flags }: StageVariables,
  config: Readonly<Record<string, string>>,
): DesiredEnvironment {
  const ours = {
    NODE_ENV: "production",
    QUEUE_RUN_PROJECT: scope.project,
    QUEUE_RUN_STAGE: scope.stage,
    QUEUE_RUN_SQS_URL_PREFIX: sqsUrlPrefix(scope),
    ...(fn.tableName !== null && { QUEUE_RUN_TABLE: fn.tableName }),
    ...(fn.delays && delayVariables(fn.delays)),
    ...(fn.kind === "api" && fn.isBehindHttpApi && { QUEUE_RUN_HTTP: "api-gateway" }),
  };
  const { withUrl, withSocketUrl } = fn;
  return { ...composeVariables({ ours, flag: flags, parameter, config }), withUrl, withSocketUrl };
}

/** What pushing with a long delay needs. */
export function delayVariables({ group, role, undeliverable }: DesiredDelays): Record<string, string> {
  return {
    QUEUE_RUN_DELAY_GROUP: group.name,
    QUEUE_RUN_DELAY_ROLE: role.arn,
    QUEUE_RUN_DELAY_DLQ: undeliverable.arn,
  };
}

/** Variables by origin, the first of which wins: ours, flag, parameter, config. */
export function composeVariables(
  sources: Readonly<Record<VariableOrigin, Readonly<Record<string, string>>>>,
): Pick<DesiredEnvironment, "variables" | "origins"> {
  const variables: Record<string, string> = {};
  const origins: Record<string, VariableOrigin> = {};
  for (const origin of ["config", "parameter", "flag", "ours"] as const) {
    for (const [name, value] of Object.entries(sources[origin])) {
      variables[name] = value;
      origins[name] = origin;
    }
  }
  return { variables, origins };
}

/** What a queue's physical name is appended to. */
function sqsUrlPrefix({ partition, region, account }: StageScope): string {
  return `https://sqs.${region}.${DNS_SUFFIXES[partition] ?? DNS_SUFFIXES.aws}/${account}/`;
}
