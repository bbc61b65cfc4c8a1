import { QueueRunError } from "@queue-run/runtime/errors";
import { UsageError } from "./usage-error.js";

/** @param flag - what sets the port: "--port" */
export function portTakenError(port: number, host: string, flag: string, cause: unknown): QueueRunError {
  const forbidden = cause instanceof Error && "code" in cause && cause.code === "EACCES";
  return new QueueRunError({
    code: "QR_PORT_TAKEN",
    message: forbidden
      ? `This user may not listen on port ${port} of ${host}.`
      : `Port ${port} of ${host} is in use by another process.`,
    fix: `Stop that process, or choose another port with ${flag} (${flag} 0 takes a free one).`,
    cause,
    details: { port, flag },
  });
}

/** The variable PORT, which is read where there is no flag. */
export function portVariableError(value: string, maximum: number): UsageError {
  return new UsageError({
    code: "QR_INVALID_PORT",
    message: `The variable PORT is ${JSON.stringify(value)}, and a port is a number from 0 to ${maximum}.`,
    fix: "Set it to one, unset it, or give --port.",
  });
}

export function noServerError(where: string, cause?: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_NO_DEV_SERVER",
    message: `No dev server answers for ${where}.`,
    fix: "Start one with `npx queue-run dev`, in another terminal.",
    cause,
  });
}

export function notAFolderError(folder: string): QueueRunError {
  return new QueueRunError({
    code: "QR_NO_FOLDER",
    message: `${folder} is not a folder.`,
    fix: "Give --cwd the folder that holds package.json, queues/ and api/.",
  });
}

/** @param fix - what to do, where it is no payload's `@file` */
export function fileUnreadableError(
  file: string,
  cause: unknown,
  fix = "Name a file that is there after the @, or give the payload itself.",
): QueueRunError {
  return new QueueRunError({
    code: "QR_FILE_UNREADABLE",
    message: `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix,
    cause,
  });
}

export function noSqsError(endpoint: string, cause: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_NO_SQS",
    message: `No SQS answers on ${endpoint}: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix: "Start that server, mend --sqs-endpoint, or leave the flag out to use the local SQS of queue-run.",
    cause,
  });
}
