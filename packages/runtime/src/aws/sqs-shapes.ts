/** Inputs and outputs of the SQS operations that handlers need, as in the Amazon SQS API Reference. */

export type MessageAttributeValue = { DataType: string; StringValue?: string; BinaryValue?: Uint8Array };

/** What SendMessage and an entry of SendMessageBatch have in common. */
export type MessageToSend = {
  MessageBody: string;
  DelaySeconds?: number;
  MessageAttributes?: Record<string, MessageAttributeValue>;
  MessageSystemAttributes?: { AWSTraceHeader?: MessageAttributeValue };
  MessageDeduplicationId?: string;
  MessageGroupId?: string;
};

export type SendMessageInput = MessageToSend & { QueueUrl: string };
export type SendMessageOutput = {
  MessageId?: string;
  MD5OfMessageBody?: string;
  MD5OfMessageAttributes?: string;
  MD5OfMessageSystemAttributes?: string;
  SequenceNumber?: string;
};

type SendMessageBatchEntry = MessageToSend & { Id: string };
export type SendMessageBatchInput = { QueueUrl: string; Entries: SendMessageBatchEntry[] };
export type SendMessageBatchOutput = {
  Successful?: (SendMessageOutput & { Id: string })[];
  Failed?: BatchFailure[];
};

/** An entry that was refused inside an accepted request. */
type BatchFailure = { Id: string; Code: string; SenderFault: boolean; Message?: string };
export type BatchOutput = { Successful?: { Id: string }[]; Failed?: BatchFailure[] };

export type DeleteMessageInput = { QueueUrl: string; ReceiptHandle: string };
export type DeleteMessageBatchInput = { QueueUrl: string; Entries: { Id: string; ReceiptHandle: string }[] };

export type ChangeMessageVisibilityInput = DeleteMessageInput & { VisibilityTimeout: number };
export type ChangeMessageVisibilityBatchInput = {
  QueueUrl: string;
  Entries: { Id: string; ReceiptHandle: string; VisibilityTimeout: number }[];
};

export type GetQueueUrlInput = { QueueName: string; QueueOwnerAWSAccountId?: string };
