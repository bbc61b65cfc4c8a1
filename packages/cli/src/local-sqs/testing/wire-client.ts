import type * as sqs from "@aws-sdk/client-sqs";

/** An answer of any action, as the SDK types them. */
export type Answer = Partial<
  sqs.CreateQueueResult &
    sqs.GetQueueAttributesResult &
    sqs.ListDeadLetterSourceQueuesResult &
    sqs.ListQueueTagsResult &
    sqs.ListQueuesResult &
    sqs.ListMessageMoveTasksResult &
    sqs.StartMessageMoveTaskResult &
    sqs.CancelMessageMoveTaskResult &
    sqs.ReceiveMessageResult &
    sqs.SendMessageResult &
    sqs.SendMessageBatchResult
>;

/** An error as both protocols give it: the query protocol's code, the message and the HTTP status. */
export type Refusal = { code: string; message: string; status: number };

/** Calls SQS's actions in one of the protocols. */
export interface WireClient {
  /** Throws when the answer is an error. */
  call(action: string, input: Record<string, unknown>): Promise<Answer>;
  /** The error that the call must be answered with; throws when there is none. */
  refusal(action: string, input: Record<string, unknown>): Promise<Refusal>;
  close(): void;
}

/** What both clients throw for an error of the server's. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.code}: ${refusal.message}`);
    this.refusal = refusal;
  }
}

/** Waits for a call to be refused. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  throw new Error("The call was answered, where an error was expected");
}
