import { parseXml, type XmlElement } from "./parse-xml.js";
import { type Answer, Refused, refusalOf, type WireClient } from "./wire-client.js";

/** Singular names of lists and maps in the query protocol. API Reference, 2012-11-05, as it was before the JSON protocol. */
const LIST_PARAMETERS: Record<string, string> = {
  Actions: "ActionName",
  AttributeNames: "AttributeName",
  AWSAccountIds: "AWSAccountId",
  MessageAttributeNames: "MessageAttributeName",
  // Sic: the model of that time gives both lists the same parameter.
  MessageSystemAttributeNames: "AttributeName",
  TagKeys: "TagKey",
};
const MAP_PARAMETERS: Record<string, [parameter: string, key: string]> = {
  Attributes: ["Attribute", "Name"],
  MessageAttributes: ["MessageAttribute", "Name"],
  MessageSystemAttributes: ["MessageSystemAttribute", "Name"],
  Tags: ["Tag", "Key"],
  tags: ["Tag", "Key"],
};
const NUMBERS = new Set([
  "ApproximateNumberOfMessagesMoved",
  "ApproximateNumberOfMessagesToMove",
  "MaxNumberOfMessagesPerSecond",
  "StartedTimestamp",
]);
const LIST_ELEMENTS: Record<string, string> = {
  Message: "Messages",
  QueueUrl: "QueueUrls",
  BatchResultErrorEntry: "Failed",
  ListMessageMoveTasksResultEntry: "Results",
};
const MAP_ELEMENTS: Record<string, [member: string, key: string]> = {
  Attribute: ["Attributes", "Name"],
  MessageAttribute: ["MessageAttributes", "Name"],
  Tag: ["Tags", "Key"],
};

/** A client of the query protocol, as SDKs were until 2023: a form posted to the queue, XML back. */
export function createQueryClient(endpoint: string): WireClient {
  async function call(action: string, input: Record<string, unknown>): Promise<Answer> {
    const form = new URLSearchParams({ Action: action, Version: "2012-11-05" });
    for (const [name, value] of Object.entries(input)) append(form, name, value, action);
    const response = await fetch(endpoint, {
      method: "POST",
      body: form.toString(),
      headers: { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" },
    });
    const root = parseXml(await response.text());
    if (!response.ok) {
      const error = childOf(root, "Error");
      const [code, message] = [textOf(error, "Code"), textOf(error, "Message")];
      throw new Refused({ code, message, status: response.status });
    }
    const result = root.children.find(({ name }) => name === `${action}Result`);
    return result === undefined ? {} : toAnswer(result, action);
  }

  return { call, refusal: (action, input) => refusalOf(call(action, input)), close: () => {} };
}

function append(form: URLSearchParams, name: string, value: unknown, action: string): void {
  const prefix = name.slice(0, name.lastIndexOf(".") + 1);
  const member = name.slice(prefix.length);
  const map = MAP_PARAMETERS[member];
  if (value === undefined) return;
  if (Array.isArray(value)) {
    const parameter = member === "Entries" ? `${action}RequestEntry` : (LIST_PARAMETERS[member] ?? member);
    for (const [index, item] of value.entries())
      append(form, `${prefix}${parameter}.${index + 1}`, item, action);
  } else if (value instanceof Uint8Array) form.set(name, Buffer.from(value).toString("base64"));
  else if (typeof value === "object" && value !== null && map !== undefined) {
    const [parameter, key] = map;
    for (const [index, [entry, item]] of Object.entries(value).entries()) {
      form.set(`${prefix}${parameter}.${index + 1}.${key}`, entry);
      append(form, `${prefix}${parameter}.${index + 1}.Value`, item, action);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [entry, item] of Object.entries(value)) append(form, `${name}.${entry}`, item, action);
  } else form.set(name, String(value));
}

function toAnswer(element: XmlElement, action: string): Record<string, unknown> {
  const answer: Record<string, unknown> = {};
  for (const child of element.children) {
    const isEntry = action.endsWith("Batch") && child.name === `${action}ResultEntry`;
    // A failed entry has a Message too: its words.
    const isWords = child.name === "Message" && child.children.length === 0;
    const list = isEntry ? "Successful" : isWords ? undefined : LIST_ELEMENTS[child.name];
    const map = MAP_ELEMENTS[child.name];
    const isUrlList =
      child.name !== "QueueUrl" || action === "ListQueues" || action === "ListDeadLetterSourceQueues";
    if (list !== undefined && isUrlList) {
      const member = action === "ListDeadLetterSourceQueues" ? "queueUrls" : list;
      answer[member] = [...((answer[member] as unknown[]) ?? []), valueOfElement(child, action)];
    } else if (map !== undefined) {
      const [member, key] = map;
      const value = valueOfElement(childOf(child, "Value"), action);
      answer[member] = { ...(answer[member] as object), [textOf(child, key)]: value };
    } else answer[child.name] = valueOfElement(child, action);
  }
  return answer;
}

function valueOfElement(element: XmlElement, action: string): unknown {
  if (element.children.length > 0) return toAnswer(element, action);
  if (NUMBERS.has(element.name)) return Number(element.text);
  if (element.name === "SenderFault") return element.text === "true";
  if (element.name === "BinaryValue") return new Uint8Array(Buffer.from(element.text, "base64"));
  return element.text;
}

function childOf(element: XmlElement, name: string): XmlElement {
  const child = element.children.find((candidate) => candidate.name === name);
  if (child === undefined) throw new Error(`<${element.name}> has no <${name}>`);
  return child;
}

function textOf(element: XmlElement, name: string): string {
  return childOf(element, name).text;
}
