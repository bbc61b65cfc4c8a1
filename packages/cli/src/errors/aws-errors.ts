import { QueueRunError } from "@queue-run/runtime/errors";

/** A call that AWS (or the way to it) failed. */
export type FailedCall = {
  /** "lambda CreateFunction" */
  call: string;
  region: string;
  /** AWS's name of the error: "ResourceConflictException"; null where no answer came. */
  awsError: string | null;
  requestId: string | null;
  /** AWS's own words, without any value of a variable. */
  reason: string;
  cause: unknown;
};

const detailsOf = ({ call, region, awsError, requestId }: FailedCall) => ({
  call,
  region,
  awsError,
  requestId,
});

/** "AccessDeniedException, request 1234-…" */
const nameOf = ({ awsError, requestId }: FailedCall) =>
  [awsError ?? "no answer", ...(requestId ? [`request ${requestId}`] : [])].join(", ");

/** AWS refused a call for a reason of its own. */
export function awsCallFailedError(failed: FailedCall): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_FAILED",
    message: `${failed.call} failed in ${failed.region}: ${failed.reason} (${nameOf(failed)})`,
    fix: "Mend what the reason names and run it again. If it names nothing, AWS's health page may: https://health.aws.amazon.com.",
    cause: failed.cause,
    details: detailsOf(failed),
  });
}

/** @param action - the IAM action that is missing */
export function awsAccessDeniedError(
  failed: FailedCall,
  { action, resource, explicit }: { action: string; resource: string | null; explicit: boolean },
): QueueRunError {
  const where = resource ?? "*";
  return new QueueRunError({
    code: "QR_AWS_ACCESS_DENIED",
    message: `AWS does not allow ${failed.call}: ${failed.reason} (${nameOf(failed)})`,
    fix: explicit
      ? `A policy denies ${action} on ${where} (a service control policy, a permissions boundary, or a Deny of its own): have it changed, or use other credentials.`
      : `Allow the action ${action} on ${where} to these credentials, then run it again. queue-run policy prints everything that a deployer needs.`,
    cause: failed.cause,
    details: { ...detailsOf(failed), action, resource: where },
  });
}

/** The SDK's chain found nothing. */
export function awsNoCredentialsError(failed: FailedCall): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_NO_CREDENTIALS",
    message: `There are no AWS credentials: ${failed.reason}`,
    fix: "Set AWS_PROFILE (after aws configure sso, then aws sso login), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; in CI take a role, see docs/deploying.md.",
    cause: failed.cause,
    details: detailsOf(failed),
  });
}

export function awsCredentialsExpiredError(failed: FailedCall): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_CREDENTIALS_EXPIRED",
    message: `The AWS credentials have expired: ${failed.reason} (${nameOf(failed)})`,
    fix: "Take new ones (aws sso login, or a new session of your role), then run it again: it carries on.",
    cause: failed.cause,
    details: detailsOf(failed),
  });
}

/** AWS does not know the credentials, in this region at least. */
export function awsCredentialsRefusedError(failed: FailedCall): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_CREDENTIALS_REFUSED",
    message: `AWS does not accept these credentials in ${failed.region}: ${failed.reason} (${nameOf(failed)})`,
    fix: `See that AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN belong together (aws sts get-caller-identity), and that the account has the region ${failed.region} enabled: regions opened since 2019 are off until they are switched on.`,
    cause: failed.cause,
    details: detailsOf(failed),
  });
}

export function awsClockSkewError(failed: FailedCall): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_CLOCK_SKEW",
    message: `This machine's clock is too far from AWS's: ${failed.reason} (${nameOf(failed)})`,
    fix: "Set the clock (it is to be within five minutes; turn on NTP), then run it again.",
    cause: failed.cause,
    details: detailsOf(failed),
  });
}

/** No answer: no such host, refused, reset, silence. */
export function awsUnreachableError(failed: FailedCall, host: string | null): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_UNREACHABLE",
    message: `${host ?? "AWS"} cannot be reached for ${failed.call}: ${failed.reason}`,
    fix: `See that the network (and a proxy's settings) let this machine reach it, that the region ${failed.region} is one of AWS's, and that AWS_ENDPOINT_URL, where it is set, names a server that runs.`,
    cause: failed.cause,
    details: detailsOf(failed),
  });
}

/** Still throttled after all attempts. */
export function awsThrottledError(failed: FailedCall): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_THROTTLED",
    message: `AWS takes no more calls at this rate: ${failed.call}: ${failed.reason} (${nameOf(failed)})`,
    fix: "Something else in the account uses the same quota of calls (another deploy, a monitor): run it again in a minute; it carries on.",
    cause: failed.cause,
    details: detailsOf(failed),
  });
}

export function awsQuotaError(failed: FailedCall): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_QUOTA",
    message: `A quota of the account is used up: ${failed.call}: ${failed.reason} (${nameOf(failed)})`,
    fix: `Remove what is no longer needed, or ask for more under Service Quotas in the console (region ${failed.region}), then run it again: it carries on.`,
    cause: failed.cause,
    details: detailsOf(failed),
  });
}

export function awsRegionMissingError(cause: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_NO_REGION",
    message: "No AWS region is set.",
    fix: 'Say --region eu-west-1, or region: "eu-west-1" in queue-run.config.ts, or set AWS_REGION.',
    cause,
  });
}

export function awsRegionInvalidError(region: string): QueueRunError {
  return new QueueRunError({
    code: "QR_AWS_INVALID_REGION",
    message: `${JSON.stringify(region)} is not an AWS region.`,
    fix: "A region is spelt like eu-west-1 (not an availability zone, eu-west-1a): mend --region, region in queue-run.config.ts, AWS_REGION or the profile.",
    details: { region },
  });
}
