import { QueueRunError } from "@queue-run/runtime/errors";
import {
  awsAccessDeniedError,
  awsCallFailedError,
  awsClockSkewError,
  awsCredentialsExpiredError,
  awsCredentialsRefusedError,
  awsNoCredentialsError,
  awsQuotaError,
  awsThrottledError,
  awsUnreachableError,
  type FailedCall,
} from "../../errors/aws-errors.js";
import { hideValues } from "./hide-values.js";
import { iamActionOf } from "./iam-action.js";

/** What was called, where. */
export type CallContext = {
  /** As IAM's actions spell it: "lambda". */
  service: string;
  /** The SDK's name: "CreateFunctionCommand". */
  command: string;
  /** Its values of variables must not come back in an error. */
  input: unknown;
  region: string;
};

/** What an error of the SDK may say of itself. */
type SdkError = Error & {
  code?: string;
  syscall?: string;
  hostname?: string;
  address?: string;
  port?: number;
  $metadata?: { requestId?: string; httpStatusCode?: number };
  $retryable?: { throttling?: boolean };
  $fault?: string;
};

const ACCESS_DENIED = /AccessDenied|^UnauthorizedOperation|^AuthorizationError|^NotAuthorized/;
const EXPIRED = /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/;
const REFUSED =
  /^(UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure|MissingAuthenticationToken(Exception)?|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature(Exception)?|OptInRequired|InvalidSecurity)$/;
const SKEWED = /^(RequestTimeTooSkewed|RequestInTheFuture)$/;
const SKEWED_WORDS = /Signature expired|Signature not yet current/;
const THROTTLED =
  /^(Throttl\w*|TooManyRequests(Exception)?|RequestThrottled(Exception)?|RequestLimitExceeded|BandwidthLimitExceeded|ProvisionedThroughputExceededException|PriorRequestNotComplete|SlowDown|EC2ThrottledException|KmsThrottled)$/;
const QUOTA =
  /^(LimitExceeded(Exception)?|ServiceQuotaExceededException|CodeStorageExceededException|ResourceLimitExceeded|ParameterLimitExceeded|OverLimit)$/;
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;
const NETWORK =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|ERR_TLS_\w+)$/;

/**
 * Wraps what a call failed with, once, in the error that says how to mend it.
 *
 * @returns the same error where it is wrapped already or is no failure of a call
 */
export function awsFailure(error: unknown, context: CallContext): QueueRunError {
  if (error instanceof QueueRunError) return error;
  const thrown = toError(error);
  hideValues(thrown, context.input);
  const operation = context.command.replace(/Command$/, "");
  const answered = thrown.$metadata?.httpStatusCode !== undefined;
  const failed: FailedCall = {
    call: `${context.service} ${operation}`,
    region: context.region,
    awsError: answered ? thrown.name : null,
    requestId: thrown.$metadata?.requestId ?? null,
    reason: thrown.message || thrown.name,
    cause: thrown,
  };
  const { name, message } = thrown;
  if (NO_CREDENTIALS.test(name)) {
    return /expired|refresh failed|invalid.*token/i.test(message)
      ? awsCredentialsExpiredError(failed)
      : awsNoCredentialsError(failed);
  }
  const networkCode = networkCodeOf(thrown);
  if (!answered && networkCode) return awsUnreachableError(failed, hostOf(thrown));
  if (SKEWED.test(name) || SKEWED_WORDS.test(message)) return awsClockSkewError(failed);
  if (EXPIRED.test(name)) return awsCredentialsExpiredError(failed);
  if (ACCESS_DENIED.test(name)) return accessDenied(failed, context, message);
  if (REFUSED.test(name)) return awsCredentialsRefusedError(failed);
  if (THROTTLED.test(name) || thrown.$retryable?.throttling) return awsThrottledError(failed);
  if (QUOTA.test(name)) return awsQuotaError(failed);
  return awsCallFailedError(failed);
}

/** @returns AWS's name of what a call failed with: "ResourceConflictException"; null for anything else */
export function awsErrorName(error: unknown): string | null {
  if (!(error instanceof QueueRunError)) return null;
  const name = error.details?.awsError;
  return typeof name === "string" ? name : null;
}

/** Whether a call failed with one of these errors of AWS. */
export function isAwsError(error: unknown, ...names: string[]): boolean {
  const name = awsErrorName(error);
  return name !== null && names.includes(name);
}

/** AWS's own words of what a call failed with; empty for anything else. */
export function awsReason(error: unknown): string {
  return awsErrorName(error) !== null && error instanceof QueueRunError && error.cause instanceof Error
    ? error.cause.message
    : "";
}

const NOT_FOUND = [
  "ResourceNotFoundException",
  "ResourceNotFound",
  "NotFoundException",
  "NoSuchEntity",
  "NoSuchEntityException",
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
  "ParameterNotFound",
];

/** @returns what is there; null where AWS says that it is not */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (isAwsError(error, ...NOT_FOUND)) return null;
    throw error;
  }
}

function accessDenied(failed: FailedCall, { service, command }: CallContext, message: string): QueueRunError {
  const said = /not authorized to perform:? (\S+?)(?: on resource:? (\S+?))?(?: |$|\.$)/.exec(message);
  return awsAccessDeniedError(failed, {
    action: said?.[1] ?? iamActionOf(service, command),
    resource: said?.[2] ?? null,
    explicit: /with an explicit deny/.test(message),
  });
}

function toError(error: unknown): SdkError {
  return error instanceof Error ? error : new Error(String(error));
}

function networkCodeOf(error: SdkError): string | null {
  const codes = [error.code, error.name, ...innerErrors(error).map(({ code }) => code)];
  if (error.name === "TimeoutError") return "ETIMEDOUT";
  return codes.find((code): code is string => code !== undefined && NETWORK.test(code)) ?? null;
}

/** Node tries each address of a host, and says so with an error for each. */
function innerErrors(error: Error): SdkError[] {
  if (error instanceof AggregateError) return error.errors as SdkError[];
  return error.cause instanceof Error ? [error.cause as SdkError] : [];
}

function hostOf(error: SdkError): string | null {
  const [first = error] = error.hostname || error.address ? [error] : innerErrors(error);
  if (first.hostname) return first.hostname;
  return first.address ? `${first.address}${first.port ? `:${first.port}` : ""}` : null;
}
