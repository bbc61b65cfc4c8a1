import type { SentMessage } from "../broker/broker.js";
import { md5OfAttributes, md5OfBody } from "../checksums.js";
import type { ParsedMessage } from "./outgoing-message.js";

/** What SendMessage, and SendMessageBatch of an entry, answers for a message that was sent. */
export function toSentAnswer({ message, systemAttributes }: ParsedMessage, sent: SentMessage) {
  return {
    MD5OfMessageBody: md5OfBody(message.body),
    MD5OfMessageAttributes: message.attributes && md5OfAttributes(message.attributes),
    MD5OfMessageSystemAttributes: systemAttributes && md5OfAttributes(systemAttributes),
    MessageId: sent.messageId,
    SequenceNumber: sent.sequenceNumber ?? undefined,
  };
}
