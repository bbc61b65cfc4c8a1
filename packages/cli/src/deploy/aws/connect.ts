import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Clock } from "../../clock/clock.js";
import { waitingClock } from "../../clock/waiting-clock.js";
import { awsRegionInvalidError, awsRegionMissingError } from "../../errors/aws-errors.js";
import { defineService } from "./service.js";

/**
 * A connection to one account and region. Clients come from the services' files: `sqs(aws)`, `lambda(aws)`; each is
 * made when it is first asked for.
 */
export type Aws = {
  region: string;
  /** Who calls. Asked of AWS once. */
  identity: () => Promise<CallerIdentity>;
  settings: ClientSettings;
  clock: Clock;
};

export type CallerIdentity = {
  account: string;
  /** "aws", "aws-cn", "aws-us-gov" */
  partition: string;
  arn: string;
};

/** What every client is made with. Endpoints are the SDK's own business: it honours AWS_ENDPOINT_URL and its kin. */
export type ClientSettings = {
  region: string;
  credentials: STSClient["config"]["credentials"];
  retryMode: "standard";
  maxAttempts?: number;
  requestHandler: { connectionTimeout: number; socketTimeout: number };
};

/** Attempts of one call: AWS's control planes throttle, and a deploy had rather wait than stop half-way. */
const MAX_ATTEMPTS = 8;
const CONNECTION_TIMEOUT_MS = 6_000;
/** Of silence; a large upload may take longer. */
const SOCKET_TIMEOUT_MS = 120_000;
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/**
 * @param region - of a flag or the project's config; else AWS_REGION, AWS_DEFAULT_REGION, or the profile's
 * @param env - the process's environment. Credentials, profiles and endpoints are found by the SDK's own chain
 * @throws QR_AWS_NO_REGION, QR_AWS_INVALID_REGION
 */
export async function connect({
  region,
  env,
  clock = waitingClock,
}: {
  region: string | null;
  env: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
}): Promise<Aws> {
  // The SDK would warn, in the middle of our own lines, of the Node versions that its later releases will want.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const wanted = region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  // The SDK takes a region that cannot be one for none.
  if (wanted && !REGION.test(wanted)) throw awsRegionInvalidError(wanted);
  const finder = new STSClient(wanted ? { region: wanted } : {});
  const found = await regionOf(finder);
  if (!REGION.test(found)) throw awsRegionInvalidError(found);
  const aws: Aws = {
    region: found,
    clock,
    settings: {
      region: found,
      // One chain for all clients: a profile, a session or a role is asked once.
      credentials: finder.config.credentials,
      retryMode: "standard",
      ...(env.AWS_MAX_ATTEMPTS ? {} : { maxAttempts: MAX_ATTEMPTS }),
      requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
    },
    identity: () => {
      identity ??= askIdentity(aws);
      return identity;
    },
  };
  let identity: Promise<CallerIdentity> | undefined;
  return aws;
}

async function regionOf(client: STSClient): Promise<string> {
  try {
    return await client.config.region();
  } catch (cause) {
    throw awsRegionMissingError(cause);
  }
}

const sts = defineService({
  service: "sts",
  callsPerSecond: 20,
  create: (settings) => new STSClient(settings),
});

async function askIdentity(aws: Aws): Promise<CallerIdentity> {
  const { Account = "", Arn = "" } = await sts(aws).send(new GetCallerIdentityCommand({}));
  return { account: Account, partition: Arn.split(":")[1] || "aws", arn: Arn };
}
