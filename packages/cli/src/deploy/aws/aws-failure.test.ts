import { QueueRunError } from "@queue-run/runtime/errors";
import { describe, expect, test } from "vitest";
import { awsErrorName, awsFailure, awsReason, isAwsError, orNull } from "./aws-failure.js";

const context = { service: "lambda", command: "CreateFunctionCommand", input: {}, region: "eu-west-1" };

/** What the SDK throws when AWS refuses. */
function refusal(name: string, message = "No.", status = 400): Error {
  const $metadata = { httpStatusCode: status, requestId: "r-1" };
  return Object.assign(new Error(message), { name, $metadata });
}

const network = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe("each failure says what it is", () => {
  test.each([
    ["AccessDeniedException", refusal("AccessDeniedException"), "QR_AWS_ACCESS_DENIED"],
    ["AccessDenied of IAM", refusal("AccessDenied"), "QR_AWS_ACCESS_DENIED"],
    ["an expired token", refusal("ExpiredTokenException"), "QR_AWS_CREDENTIALS_EXPIRED"],
    ["an expired token of STS", refusal("ExpiredToken"), "QR_AWS_CREDENTIALS_EXPIRED"],
    ["unknown keys", refusal("UnrecognizedClientException"), "QR_AWS_CREDENTIALS_REFUSED"],
    ["unknown keys at STS", refusal("InvalidClientTokenId"), "QR_AWS_CREDENTIALS_REFUSED"],
    ["a wrong secret", refusal("SignatureDoesNotMatch"), "QR_AWS_CREDENTIALS_REFUSED"],
    [
      "a slow clock",
      refusal("SignatureDoesNotMatch", "Signature expired: 2026… is now earlier"),
      "QR_AWS_CLOCK_SKEW",
    ],
    [
      "a fast clock",
      refusal("InvalidSignatureException", "Signature not yet current: 2026…"),
      "QR_AWS_CLOCK_SKEW",
    ],
    ["a clock, by name", refusal("RequestTimeTooSkewed"), "QR_AWS_CLOCK_SKEW"],
    ["throttling", refusal("ThrottlingException"), "QR_AWS_THROTTLED"],
    ["Lambda's throttling", refusal("TooManyRequestsException", "Rate exceeded", 429), "QR_AWS_THROTTLED"],
    ["SQS's throttling", refusal("RequestThrottled"), "QR_AWS_THROTTLED"],
    ["a quota", refusal("ServiceQuotaExceededException"), "QR_AWS_QUOTA"],
    ["code storage", refusal("CodeStorageExceededException"), "QR_AWS_QUOTA"],
    ["anything else", refusal("InvalidParameterValueException"), "QR_AWS_FAILED"],
    ["no host", network("ENOTFOUND"), "QR_AWS_UNREACHABLE"],
    ["nobody there", network("ECONNREFUSED"), "QR_AWS_UNREACHABLE"],
    ["all addresses", new AggregateError([network("ECONNREFUSED")]), "QR_AWS_UNREACHABLE"],
    ["silence", Object.assign(new Error("timed out"), { name: "TimeoutError" }), "QR_AWS_UNREACHABLE"],
    [
      "no credentials",
      Object.assign(new Error("Could not load credentials from any providers"), {
        name: "CredentialsProviderError",
      }),
      "QR_AWS_NO_CREDENTIALS",
    ],
    [
      "a session of SSO that is over",
      Object.assign(new Error("The SSO session associated with this profile has expired."), {
        name: "CredentialsProviderError",
      }),
      "QR_AWS_CREDENTIALS_EXPIRED",
    ],
  ])("%s", (_what, error, code) => {
    const wrapped = awsFailure(error, context);
    expect(wrapped).toBeInstanceOf(QueueRunError);
    expect(wrapped.code).toBe(code);
    expect(wrapped.fix).toBeTruthy();
    expect(wrapped.cause).toBe(error);
  });
});

test("AWS's name, request id and own words are there for people and for programs", () => {
  const wrapped = awsFailure(refusal("ResourceConflictException", "Function already exist: x"), context);
  expect(wrapped.message).toBe(
    "lambda CreateFunction failed in eu-west-1: Function already exist: x (ResourceConflictException, request r-1)",
  );
  expect(awsErrorName(wrapped)).toBe("ResourceConflictException");
  expect(awsReason(wrapped)).toBe("Function already exist: x");
  expect(isAwsError(wrapped, "ResourceConflictException")).toBe(true);
  expect(isAwsError(new Error("ResourceConflictException"), "ResourceConflictException")).toBe(false);
  expect(awsFailure(wrapped, { ...context, command: "Other" })).toBe(wrapped);
});

describe("what is to be allowed", () => {
  test("is what AWS says", () => {
    const message =
      "User: arn:aws:iam::1:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/x because no identity-based policy allows the iam:PassRole action";
    const wrapped = awsFailure(refusal("AccessDeniedException", message, 403), context);
    expect(wrapped.details).toMatchObject({ action: "iam:PassRole", resource: "arn:aws:iam::1:role/x" });
    expect(wrapped.fix).toContain("Allow the action iam:PassRole on arn:aws:iam::1:role/x");
  });

  test("is the call's own action where AWS does not say", () => {
    const wrapped = awsFailure(refusal("AccessDeniedException", "Forbidden", 403), context);
    expect(wrapped.details).toMatchObject({ action: "lambda:CreateFunction", resource: "*" });
  });

  test("is not enough where a policy denies it", () => {
    const message =
      "User: arn:aws:iam::1:user/ci is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:1:x with an explicit deny in a service control policy";
    const wrapped = awsFailure(refusal("AccessDenied", message, 403), { ...context, service: "sqs" });
    expect(wrapped.fix).toContain("A policy denies sqs:CreateQueue");
  });
});

test("no value of a variable is in the error, nor in its cause", () => {
  const Variables = { API_KEY: "sk-secret-1", URL: "https://x?key=sk-secret-1", SHORT: "1" };
  const message =
    "1 validation error detected: Value '{1BAD=sk-secret-1, SHORT=1}' at 'environment.variables' failed to satisfy constraint";
  const wrapped = awsFailure(refusal("ValidationException", message), {
    ...context,
    input: { Environment: { Variables } },
  });
  const cause = wrapped.cause as Error;
  for (const text of [wrapped.message, cause.message, cause.stack]) {
    expect(text).not.toContain("secret");
    expect(text).not.toContain("SHORT=1");
  }
  expect(wrapped.message).toContain("1 validation error detected: Value (hidden) at 'environment.variables'");
});

test("what is not there is null; other failures stay failures", async () => {
  const missing = Promise.reject(awsFailure(refusal("ResourceNotFoundException"), context));
  expect(await orNull(missing)).toBeNull();
  expect(await orNull(Promise.resolve(1))).toBe(1);
  const denied = Promise.reject(awsFailure(refusal("AccessDeniedException"), context));
  await expect(orNull(denied)).rejects.toMatchObject({ code: "QR_AWS_ACCESS_DENIED" });
});
