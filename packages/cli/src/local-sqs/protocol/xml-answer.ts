import type { SqsError } from "../sqs-error.js";

const NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/";

/** Lists and maps of the answers with the query protocol's names: each item an element of its own, unwrapped. */
const LIST_ELEMENTS: Record<string, string> = {
  Messages: "Message",
  QueueUrls: "QueueUrl",
  queueUrls: "QueueUrl",
  Results: "ListMessageMoveTasksResultEntry",
  Failed: "BatchResultErrorEntry",
};
const MAP_ELEMENTS: Record<string, { element: string; key: string }> = {
  Attributes: { element: "Attribute", key: "Name" },
  MessageAttributes: { element: "MessageAttribute", key: "Name" },
  Tags: { element: "Tag", key: "Key" },
};

/** What a carriage return must become, or a parser of XML reads a line feed. */
const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

/** An action's answer in the query protocol. */
export function toXml(action: string, answer: object, requestId: string): string {
  const content = members(answer, action);
  const hasResult = content !== "" || RESULTS.has(action);
  const result = content === "" ? `<${action}Result/>` : `<${action}Result>${content}</${action}Result>`;
  return `<?xml version="1.0"?><${action}Response xmlns="${NAMESPACE}">${hasResult ? result : ""}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
}

/** Actions whose answer has a result even when there is nothing in it. */
const RESULTS = new Set([
  "GetQueueAttributes",
  "ListDeadLetterSourceQueues",
  "ListMessageMoveTasks",
  "ListQueueTags",
  "ListQueues",
  "ReceiveMessage",
]);

/** An error in the query protocol. */
export function toXmlError(error: SqsError, message: string, requestId: string): string {
  const type = error.senderFault ? "Sender" : "Receiver";
  return `<?xml version="1.0"?><ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${error.queryCode}</Code><Message>${escapeXml(message)}</Message><Detail/></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

function members(answer: object, action: string): string {
  let xml = "";
  for (const [name, value] of Object.entries(answer)) {
    if (value === undefined || value === null) continue;
    const map = MAP_ELEMENTS[name];
    if (Array.isArray(value)) {
      const element = name === "Successful" ? `${action}ResultEntry` : (LIST_ELEMENTS[name] ?? name);
      for (const item of value) xml += toElement(element, item, action);
    } else if (map !== undefined) {
      for (const [key, item] of Object.entries(value)) {
        xml += `<${map.element}>${toElement(map.key, key, action)}${toElement("Value", item, action)}</${map.element}>`;
      }
    } else xml += toElement(name, value, action);
  }
  return xml;
}

function toElement(name: string, value: unknown, action: string): string {
  const content =
    typeof value === "object" && value !== null ? members(value, action) : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}
