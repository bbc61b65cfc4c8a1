import { QueueRunError } from "@queue-run/runtime/errors";

/** @param parameter - the name of the SecureString */
export function stageVariablesUnreadableError(parameter: string): QueueRunError {
  return new QueueRunError({
    code: "QR_STAGE_VARIABLES_UNREADABLE",
    message: `The parameter ${parameter} does not hold a JSON object of texts, so the stage's variables are not known.`,
    fix: "Something else has written to it: put its variables back with queue-run env set, or delete the parameter.",
    details: { parameter },
  });
}

/** Somebody else has the stage's lease. */
export function deployInProgressError(lease: {
  who: string;
  since: string;
  endsInSeconds: number;
}): QueueRunError {
  return new QueueRunError({
    code: "QR_DEPLOY_IN_PROGRESS",
    message: `Another deploy of this stage is running: by ${lease.who}, since ${lease.since}.`,
    fix: `Run it again when that one has ended. If it died, its lease ends in ${lease.endsInSeconds} s unless it is renewed.`,
    details: lease,
  });
}

/** The lease ended or went to another deploy while this one was at work. */
export function leaseLostError(cause: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_DEPLOY_LEASE_LOST",
    message:
      "This deploy could not keep the stage to itself (its lease was not renewed in time), so it has stopped.",
    fix: "See that the network is up and that no other deploy is running, then run it again: it carries on.",
    cause,
  });
}

/** @param kind - "queue", "role" and so on */
export function nameTakenError(
  kind: string,
  name: string,
  how = "is not tagged as this stage's",
): QueueRunError {
  return new QueueRunError({
    code: "QR_NAME_TAKEN",
    message: `The ${kind} ${name} is there already, and ${how}: queue-run does not touch what it did not make.`,
    fix: "Rename or remove that one, or deploy under another name in queue-run.config.ts or another --stage.",
    details: { kind, name },
  });
}

/** A resource that ended in a state that it does not leave by itself. */
export function resourceFailedError(resource: string, state: string, reason: string | null): QueueRunError {
  return new QueueRunError({
    code: "QR_RESOURCE_FAILED",
    message: `${resource} is ${state}${reason ? `: ${reason}` : ""}.`,
    fix: "Mend what the reason names (a network, a key, a role), then run it again: it carries on.",
    details: { resource, state },
  });
}

/** AWS has not finished in the time that it should take. */
export function resourceSlowError(resource: string, state: string, seconds: number): QueueRunError {
  return new QueueRunError({
    code: "QR_RESOURCE_SLOW",
    message: `${resource} has been ${state} for ${seconds} s, and AWS does not say why.`,
    fix: "Run it again: it carries on where this one stopped.",
    details: { resource, state },
  });
}

/** A defect of ours: a plan uploads what was not packaged. */
export function zipMissingError(functionId: string): QueueRunError {
  return new QueueRunError({
    code: "QR_ZIP_MISSING",
    message: `There is no zip of the function ${functionId}.`,
    fix: "Run it again; if it says so again, please report it.",
    details: { functionId },
  });
}

/** A defect of ours: a plan points an alias at a version that it does not publish. */
export function versionMissingError(functionName: string): QueueRunError {
  return new QueueRunError({
    code: "QR_VERSION_MISSING",
    message: `No version of ${functionName} was published to point its alias at.`,
    fix: "Run it again; if it says so again, please report it.",
    details: { functionName },
  });
}

/** The code of an older version is to be published again, and cannot be had. */
export function versionCodeUnavailableError(
  functionName: string,
  version: string,
  reason: string,
): QueueRunError {
  return new QueueRunError({
    code: "QR_VERSION_CODE_UNAVAILABLE",
    message: `The code of version ${version} of ${functionName} cannot be fetched from Lambda: ${reason}.`,
    fix: "Run it again, or deploy the commit that it was made from.",
    details: { functionName, version },
  });
}

/** The HTTP API went away while it was worked on. */
export function apiMissingError(name: string): QueueRunError {
  return new QueueRunError({
    code: "QR_HTTP_API_MISSING",
    message: `The API ${name} is not there: something removed it during the deploy, or took its tags.`,
    fix: "Run it again: it makes another.",
  });
}

/** A step failed; those that ran were waited for, and no further one was begun. */
export function deployStepFailedError({
  step,
  error,
  others,
  done,
  of,
}: {
  step: string;
  error: unknown;
  others: string[];
  done: number;
  of: number;
}): QueueRunError {
  const also = others.length > 0 ? ` So did: ${others.join("; ")}.` : "";
  const fix = error instanceof QueueRunError ? error.fix : undefined;
  return new QueueRunError({
    code: "QR_DEPLOY_FAILED",
    message: `The deploy stopped: it could not ${step} (${done} of ${of} steps were done).${also}`,
    fix: `${fix ? `${fix} ` : ""}What served before still serves. Run it again when that is mended: it carries on.`,
    cause: error,
    details: { step, others, done, of },
  });
}

/**
 * Ctrl-C, or a signal to end.
 *
 * @param steps - how far it had come; null: no step had begun
 */
export function deployInterruptedError(steps: { done: number; of: number } | null): QueueRunError {
  return new QueueRunError({
    code: "QR_DEPLOY_INTERRUPTED",
    message: `The deploy was stopped: ${steps ? `${steps.done} of ${steps.of} steps were` : "nothing was"} done.`,
    fix: "What served before still serves. Run it again: it carries on.",
    details: steps ?? {},
  });
}

/** A person was asked, and did not say yes. */
export function deployDeclinedError(): QueueRunError {
  return new QueueRunError({
    code: "QR_DEPLOY_DECLINED",
    message: "Nothing was changed.",
    fix: "Run it again, and answer yes.",
  });
}
