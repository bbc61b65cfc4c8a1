import type { SqsError } from "../sqs-error.js";

/**
 * The query protocol's answers for a client that accepts `application/json`: the XML's elements as members, lists
 * under names that begin in lower case, maps as lists of pairs. AWS's console speaks this; it is not documented.
 */
export function toQueryJson(action: string, answer: object, requestId: string): string {
  return JSON.stringify({
    [`${action}Response`]: {
      ResponseMetadata: { RequestId: requestId },
      [`${action}Result`]: toMembers(answer),
    },
  });
}

export function toQueryJsonError(error: SqsError, message: string, requestId: string): string {
  const type = error.senderFault ? "Sender" : "Receiver";
  return JSON.stringify({
    Error: { Code: error.queryCode, Message: message, Type: type, Detail: null },
    RequestId: requestId,
  });
}

function toMembers(answer: object): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(answer)) {
    if (Array.isArray(value)) {
      const items = value.map((item) => (typeof item === "object" ? toMembers(item) : item));
      members[name.charAt(0).toLowerCase() + name.slice(1)] = items;
    } else if (name === "Attributes" || name === "MessageAttributes" || name === "Tags") {
      const key = name === "Tags" ? "Key" : "Name";
      if (value !== undefined) {
        members[name] = Object.entries(value).map(([Name, Value]) => ({ [key]: Name, Value }));
      }
    } else members[name] = value;
  }
  return members;
}
