import type { MessageAttribute, QueueAttributes } from "./broker.js";

/** The keys of the store, by what they hold. Numbers are padded so that keys sort as they do. */
export const FORMAT_KEY = "format";
/** Raised whenever an older version could misread what this one writes. */
export const FORMAT = "1";
export const NEXT_QUEUE_ID_KEY = "next-queue-id";

export const queueKey = (queueId: number) => `q/${padId(queueId)}`;
/** Numbers below its value are used up. */
export const reservedKey = (queueId: number) => `s/${padId(queueId)}`;
export const stateKey = (queueId: number, seq: number) => `m/${padId(queueId)}/${padSeq(seq)}`;
export const contentKey = (queueId: number, seq: number) => `b/${padId(queueId)}/${padSeq(seq)}`;
export const deduplicationKey = (queueId: number, key: string) => `d/${padId(queueId)}/${key}`;
export const moveTaskKey = (taskId: string) => `t/${taskId}`;
export const deletedQueueKey = (name: string) => `x/${name}`;

/** Every key of a kind, as a range. */
export const kindRange = (kind: "q" | "s" | "m" | "b" | "d" | "t" | "x") => [`${kind}/`, `${kind}0`] as const;
/** Every key of a kind that belongs to a queue. */
export const queueRange = (kind: "m" | "b" | "d", queueId: number) =>
  [`${kind}/${padId(queueId)}/`, `${kind}/${padId(queueId)}0`] as const;

/** The queue's number and the rest of a key of kind m, b, d or s. */
export function parseKey(key: string): { queueId: number; rest: string } {
  return { queueId: Number.parseInt(key.slice(2, 8), 36), rest: key.slice(9) };
}

export const parseSeq = (text: string) => Number.parseInt(text, 36);

const pad = (value: number, width: number) => value.toString(36).padStart(width, "0");

/** Queues are few, and their numbers are in every key. */
const paddedIds = new Map<number, string>();

function padId(queueId: number): string {
  let padded = paddedIds.get(queueId);
  if (padded === undefined) {
    padded = pad(queueId, 6);
    paddedIds.set(queueId, padded);
  }
  return padded;
}

/** A message's number; the last one asked for is remembered, since a message has two keys. */
function padSeq(seq: number): string {
  if (seq !== paddedSeq) {
    paddedSeq = seq;
    paddedSeqText = pad(seq, 10);
  }
  return paddedSeqText;
}

let paddedSeq = -1;
let paddedSeqText = "";

/** A queue as it is stored. */
export type QueueRecord = {
  name: string;
  attributes: QueueAttributes;
  /** Observed on AWS: the scope that a queue was created with stays, whatever the attribute says later. */
  deduplicationScope: QueueAttributes["deduplicationScope"];
  tags: Record<string, string>;
  createdAtMs: number;
  lastModifiedAtMs: number;
  /** Messages and deduplication entries up to this number were purged. */
  purgedUpTo: number;
  purgedAtMs: number | null;
};

/** The first message of a deduplication window: what a duplicate is answered with. */
export type DeduplicationRecord = { seq: number; sentAtMs: number; messageId: string };

export function encodeDeduplication({ seq, sentAtMs, messageId }: DeduplicationRecord): string {
  return `${seq},${sentAtMs},${messageId}`;
}

export function decodeDeduplication(text: string): DeduplicationRecord {
  const [seq, sentAtMs, messageId = ""] = text.split(",");
  return { seq: Number(seq), sentAtMs: Number(sentAtMs), messageId };
}

/** What changes in a message's life. Kept apart from its content, so that a store opens without reading contents. */
export type MessageStateRecord = {
  sentAtMs: number;
  receiveCount: number;
  /** 0: never. */
  firstReceivedAtMs: number;
  /** Wall time until which it is delayed or in flight; 0 or past: it is visible. */
  hiddenUntilMs: number;
  /** The receive that it is in flight by; 0: it was not received, so what hides it is a delay. */
  receiveId: number;
  /** Whether its receiver lives in the broker's own process, so that after a restart nobody has it any more. */
  held: boolean;
  /** FIFO queues: the group. */
  groupId: string | null;
};

export function encodeState(state: MessageStateRecord): string {
  const { sentAtMs, receiveCount, firstReceivedAtMs, hiddenUntilMs, receiveId, held, groupId } = state;
  return `${sentAtMs},${receiveCount},${firstReceivedAtMs},${hiddenUntilMs},${receiveId},${held ? 1 : 0},${groupId ?? ""}`;
}

/** Throws on a text that `encodeState` did not make. A start reads one for each message, so it is made to be quick. */
export function decodeState(text: string): MessageStateRecord {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let code = text.charCodeAt(at++); code !== COMMA; code = text.charCodeAt(at++)) {
      if (!(code >= ZERO && code <= ZERO + 9))
        throw new Error(`a message's state reads ${JSON.stringify(text)}`);
      value = value * 10 + code - ZERO;
    }
    return value;
  };
  return {
    sentAtMs: number(),
    receiveCount: number(),
    firstReceivedAtMs: number(),
    hiddenUntilMs: number(),
    receiveId: number(),
    held: number() === 1,
    // Last, since it may have commas.
    groupId: at === text.length ? null : text.slice(at),
  };
}

const COMMA = 44;
const ZERO = 48;

/** What never changes in a message. */
export type MessageContent = {
  messageId: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  traceHeader: string | null;
  messageGroupId: string | null;
  messageDeduplicationId: string | null;
  deadLetterSourceArn: string | null;
};

/** Message id, a line of JSON (empty when there is nothing in it), then the body as it is. */
export function encodeContent(content: MessageContent): string {
  const {
    messageId,
    body,
    attributes,
    traceHeader,
    messageGroupId,
    messageDeduplicationId,
    deadLetterSourceArn,
  } = content;
  let hasAttributes = false;
  for (const _name in attributes) {
    hasAttributes = true;
    break;
  }
  const plain =
    !hasAttributes &&
    traceHeader === null &&
    messageGroupId === null &&
    messageDeduplicationId === null &&
    deadLetterSourceArn === null;
  const rest = plain
    ? ""
    : JSON.stringify([
        encodeAttributes(attributes),
        traceHeader,
        messageGroupId,
        messageDeduplicationId,
        deadLetterSourceArn,
      ]);
  return `${messageId}\n${rest}\n${body}`;
}

type StoredAttribute = [dataType: string, stringValue: string | null, binaryBase64: string | null];
type StoredRest = [
  Record<string, StoredAttribute>,
  string | null,
  string | null,
  string | null,
  string | null,
];

export function decodeContent(text: string): MessageContent {
  const first = text.indexOf("\n");
  const second = text.indexOf("\n", first + 1);
  const rest = text.slice(first + 1, second);
  const [attributes, traceHeader, messageGroupId, messageDeduplicationId, deadLetterSourceArn]: StoredRest =
    rest === "" ? [{}, null, null, null, null] : JSON.parse(rest);
  return {
    messageId: text.slice(0, first),
    body: text.slice(second + 1),
    attributes: decodeAttributes(attributes),
    traceHeader,
    messageGroupId,
    messageDeduplicationId,
    deadLetterSourceArn,
  };
}

function encodeAttributes(attributes: Record<string, MessageAttribute>): Record<string, StoredAttribute> {
  const stored: Record<string, StoredAttribute> = Object.create(null);
  for (const [name, { dataType, stringValue, binaryValue }] of Object.entries(attributes)) {
    stored[name] = [
      dataType,
      stringValue ?? null,
      binaryValue ? Buffer.from(binaryValue).toString("base64") : null,
    ];
  }
  return stored;
}

function decodeAttributes(stored: Record<string, StoredAttribute>): Record<string, MessageAttribute> {
  // Without a prototype: an attribute may be named `__proto__`.
  const attributes: Record<string, MessageAttribute> = Object.create(null);
  for (const [name, [dataType, stringValue, binaryBase64]] of Object.entries(stored)) {
    attributes[name] = {
      dataType,
      ...(stringValue === null ? {} : { stringValue }),
      ...(binaryBase64 === null ? {} : { binaryValue: new Uint8Array(Buffer.from(binaryBase64, "base64")) }),
    };
  }
  return attributes;
}
