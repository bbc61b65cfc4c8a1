import type { OutgoingHttpHeaders } from "node:http";
import type { Call } from "./call.js";

export type Reply = { status: number; headers: OutgoingHttpHeaders; body: Buffer };

export function jsonReply(value: unknown, status = 200): Reply {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function emptyReply(status: number): Reply {
  return { status, headers: {}, body: Buffer.alloc(0) };
}

/** What AWS says no with. */
export type AwsFault = {
  /** "TooManyRequestsException" */
  code: string;
  message?: string;
  /** Default 400. */
  status?: number;
  /** More members of the error: Lambda's `Type` and `Reason`. */
  details?: Record<string, string>;
};

/** An error as the called service writes it: JSON, REST with JSON, or XML. */
export function errorReply(
  { protocol, service }: Pick<Call, "protocol" | "service">,
  { code, message = code, status = 400, details = {} }: AwsFault,
): Reply {
  const requestId = "00000000-0000-4000-8000-000000000000";
  if (protocol === "query") {
    const type = status >= 500 ? "Receiver" : "Sender";
    const escaped = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    const xml = `<ErrorResponse><Error><Type>${type}</Type><Code>${code}</Code><Message>${escaped}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status, headers: { "content-type": "text/xml" }, body: Buffer.from(xml) };
  }
  const reply = jsonReply({ __type: code, message, Message: message, ...details }, status);
  reply.headers["x-amzn-errortype"] = code;
  reply.headers["x-amzn-requestid"] = requestId;
  if (service === "sqs") {
    reply.headers["x-amzn-query-error"] =
      `${LEGACY_SQS_CODES[code] ?? code};${status >= 500 ? "Receiver" : "Sender"}`;
  }
  return reply;
}

/** Codes that SQS's older protocol has for the same error. */
const LEGACY_SQS_CODES: Record<string, string> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  QueueDeletedRecently: "AWS.SimpleQueueService.QueueDeletedRecently",
  QueueNameExists: "QueueAlreadyExists",
};
