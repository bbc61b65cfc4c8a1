import { SqsError } from "./sqs-error.js";

/**
 * AWS's errors, one function each, with AWS's own codes, statuses and words (recorded from AWS where a recording
 * exists; API Reference, "Common Errors" and each action's "Errors").
 */

const LEGACY = "AWS.SimpleQueueService.";

/** A parameter has a value that SQS refuses; `message` is AWS's whole sentence. */
export const invalidParameterValue = (message: string) =>
  new SqsError("InvalidParameterValueException", message, {
    queryCode: "InvalidParameterValue",
    modelled: false,
  });

/** The usual form of the above: `Value 11 for parameter MaxNumberOfMessages is invalid. Reason: …` */
export const invalidValue = (value: unknown, parameter: string, reason: string) =>
  invalidParameterValue(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const missingParameter = (parameter: string) =>
  new SqsError("MissingRequiredParameterException", `The request must contain the parameter ${parameter}.`, {
    queryCode: "MissingParameter",
    modelled: false,
  });

export const queueDoesNotExist = () =>
  new SqsError("QueueDoesNotExist", "The specified queue does not exist.", {
    queryCode: `${LEGACY}NonExistentQueue`,
  });

/** `attribute`: the one that differs. */
export const queueNameExists = (attribute: string) =>
  new SqsError(
    "QueueNameExists",
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
    { queryCode: "QueueAlreadyExists" },
  );

export const queueDeletedRecently = () =>
  new SqsError(
    "QueueDeletedRecently",
    "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    { queryCode: `${LEGACY}QueueDeletedRecently` },
  );

export const purgeQueueInProgress = (queue: string) =>
  new SqsError(
    "PurgeQueueInProgress",
    `Only one PurgeQueue operation on ${queue} is allowed every 60 seconds.`,
    { queryCode: `${LEGACY}PurgeQueueInProgress`, status: 403 },
  );

export const overLimit = (message: string) => new SqsError("OverLimit", message, { status: 403 });

export const invalidAddress = (address: string) =>
  new SqsError("InvalidAddress", `The address ${address} is not valid for this endpoint.`, { status: 404 });

export const invalidAttributeName = (message: string) => new SqsError("InvalidAttributeName", message);

export const unknownAttribute = (name: string) => invalidAttributeName(`Unknown Attribute ${name}.`);

/** `reason`, where AWS gives one. */
export const invalidAttributeValue = (attribute: string, reason?: string) =>
  new SqsError(
    "InvalidAttributeValue",
    `Invalid value for the parameter ${attribute}.${reason === undefined ? "" : ` Reason: ${reason}`}`,
  );

export const invalidMessageContents = () =>
  new SqsError(
    "InvalidMessageContents",
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
  );

/** The text is not a handle of this queue at all. */
export const receiptHandleIsInvalid = (receiptHandle: string) =>
  new SqsError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
    { status: 404 },
  );

/** FIFO queues refuse to delete with a handle whose visibility timeout has passed. */
export const receiptHandleExpired = (receiptHandle: string) =>
  invalidValue(receiptHandle, "ReceiptHandle", "The receipt handle has expired.");

/** A visibility change of a message that was deleted. */
export const messageNotAvailable = (receiptHandle: string) =>
  invalidValue(
    receiptHandle,
    "ReceiptHandle",
    "Message does not exist or is not available for visibility timeout change.",
  );

/** A visibility change beyond twelve hours since the message was received. */
export const visibilityTimeoutTooLong = (visibilityTimeoutSeconds: number) =>
  invalidValue(
    visibilityTimeoutSeconds,
    "VisibilityTimeout",
    "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
  );

/** `entryName`: AWS's name of an entry, `SendMessageBatchRequestEntry`. */
export const emptyBatchRequest = (entryName: string) =>
  new SqsError("EmptyBatchRequest", `There should be at least one ${entryName} in the request.`, {
    queryCode: `${LEGACY}EmptyBatchRequest`,
  });

export const tooManyEntries = (limit: number, sent: number) =>
  new SqsError(
    "TooManyEntriesInBatchRequest",
    `Maximum number of entries per request are ${limit}. You have sent ${sent}.`,
    { queryCode: `${LEGACY}TooManyEntriesInBatchRequest` },
  );

export const invalidBatchEntryId = () =>
  new SqsError(
    "InvalidBatchEntryId",
    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    { queryCode: `${LEGACY}InvalidBatchEntryId` },
  );

export const batchEntryIdsNotDistinct = (id: string) =>
  new SqsError("BatchEntryIdsNotDistinct", `Id ${id} repeated.`, {
    queryCode: `${LEGACY}BatchEntryIdsNotDistinct`,
  });

export const batchRequestTooLong = (limitBytes: number, sentBytes: number) =>
  new SqsError(
    "BatchRequestTooLong",
    `Batch requests cannot be longer than ${limitBytes} bytes. You have sent ${sentBytes} bytes.`,
    { queryCode: `${LEGACY}BatchRequestTooLong` },
  );

/** `parameter`: SourceArn or DestinationArn. */
export const resourceDoesNotExist = (parameter: string) =>
  new SqsError(
    "ResourceNotFoundException",
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
    { status: 404 },
  );

export const moveTaskDoesNotExist = () =>
  new SqsError("ResourceNotFoundException", "Task does not exist.", { status: 404 });

export const moveTaskAlreadyRunning = () =>
  invalidParameterValue(
    "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
  );

export const notADeadLetterQueue = () =>
  invalidParameterValue("Source queue must be configured as a Dead Letter Queue.");

/** An action that this address does not have, in the query protocol. */
export const invalidAction = (action: string) =>
  new SqsError("InvalidAction", `The action ${action} is not valid for this endpoint.`, { modelled: false });

/** An action that SQS does not have, in the JSON protocol. */
export const unknownOperation = () => new SqsError("UnknownOperationException", "", { modelled: false });

/** The body is not JSON, or holds another type than the action's model says. */
export const serializationError = (message: string) =>
  new SqsError("SerializationException", message, { modelled: false });

export const accessDenied = (message: string) =>
  new SqsError("AccessDeniedException", message, { queryCode: "AccessDenied", status: 403, modelled: false });

export const requestTooLarge = (limitBytes: number) =>
  new SqsError("RequestEntityTooLargeException", `The request is larger than ${limitBytes} bytes.`, {
    queryCode: "RequestEntityTooLarge",
    status: 413,
    modelled: false,
  });

/** A fault of the server itself; the client may try again. */
export const internalFailure = (message: string) =>
  new SqsError("InternalFailure", message, { status: 500, senderFault: false, modelled: false });
