import { QueueRunError } from "@queue-run/runtime/errors";
import { UsageError } from "./usage-error.js";

/** @param problems - each a sentence without its full stop: "AWS_REGION is set by Lambda itself" */
export function variableNamesError(problems: readonly string[]): UsageError {
  return new UsageError({
    code: "QR_VARIABLE_NAME",
    message: `${problems.join("; ")}.`,
    fix: "Choose another name.",
  });
}

/** @param names - that the stage has no value for */
export function variableNotSetError(names: readonly string[], stage: string): QueueRunError {
  return new QueueRunError({
    code: "QR_VARIABLE_NOT_SET",
    message: `${names.join(", ")} ${names.length === 1 ? "is" : "are"} not set for the stage ${stage}.`,
    fix: `\`queue-run env ls --stage ${stage}\` lists what is; what queue-run.config.ts sets is not among it.`,
    details: { names, stage },
  });
}

/** All of a stage's variables are in one parameter. */
export function variablesTooLargeError(bytes: number, limit: number): QueueRunError {
  return new QueueRunError({
    code: "QR_VARIABLES_TOO_LARGE",
    message: `The stage's variables would take ${bytes} bytes together; a parameter, and Lambda, take ${limit}.`,
    fix: "Keep large values elsewhere (Secrets Manager, S3, DynamoDB) and set where they are.",
    details: { bytes, limit },
  });
}

/** `env set NAME` without a value, and nobody to ask for it. */
export function noValueError(name: string): UsageError {
  return new UsageError({
    code: "QR_NO_VALUE",
    message: `There is no value for ${name}.`,
    fix: `Write ${name}=VALUE, send the value to standard input, or give --file.`,
  });
}
