import type { SentMessage } from "../broker/broker.js";
import { md5OfAttributes, md5OfBody } from "../checksums.js";
import type { ParsedMessage } from "./outgoing-message.js";

type SentAnswer = {
  MD5OfMessageBody: string;
  MessageId: string;
  MD5OfMessageAttributes?: string;
  MD5OfMessageSystemAttributes?: string;
  SequenceNumber?: string;
};

/** What SendMessage, and SendMessageBatch of an entry, answers for a message that was sent. */
export function toSentAnswer({ message, systemAttributes }: ParsedMessage, sent: SentMessage): SentAnswer {
  const answer: SentAnswer = { MD5OfMessageBody: md5OfBody(message.body), MessageId: sent.messageId };
  if (message.attributes !== undefined) answer.MD5OfMessageAttributes = md5OfAttributes(message.attributes);
  if (systemAttributes !== undefined) answer.MD5OfMessageSystemAttributes = md5OfAttributes(systemAttributes);
  if (sent.sequenceNumber !== null) answer.SequenceNumber = sent.sequenceNumber;
  return answer;
}
