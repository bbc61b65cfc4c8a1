import type { Expression } from "oxc-parser";
import type { FileScope } from "./file-scope.js";

/** Which queue an expression refers to, where that can be seen without running it. */
export type QueueReference = {
  /** By name, through an import of its file, or the file's own. */
  from: { name: string } | { specifier: string; imported: string } | { self: true };
  /** Whether the reference itself gives a group: `queue.group("all")`. */
  grouped: boolean;
};

const DERIVING = new Set(["group", "dedupe", "delay", "at", "tag", "job"]);

/**
 * Recognises `queues("emails")`, `queues.get<T>("emails")`, `queues.self()`, `queues.self.fifo()`, an import of
 * a queue file's reference, and what is derived from one (`.group("all")`).
 *
 * @returns null for any other expression
 */
export function queueReference(expression: Expression, scope: FileScope, depth = 0): QueueReference | null {
  if (depth > 20) return null;
  const node = scope.unwrap(expression);
  if (node.type === "Identifier") {
    const imported = scope.imported(node.name);
    return imported && imported.specifier !== "queue-run" ? { from: imported, grouped: false } : null;
  }
  if (node.type === "MemberExpression") {
    if (node.object.type !== "Identifier" || node.computed || node.property.type !== "Identifier")
      return null;
    const imported = scope.imported(node.object.name);
    if (imported?.imported !== "*") return null;
    return { from: { specifier: imported.specifier, imported: node.property.name }, grouped: false };
  }
  if (node.type !== "CallExpression" || node.callee.type === "Super") return null;
  const path = calleePath(node.callee, scope);
  const argument = node.arguments[0];
  const name = argument?.type === "Literal" && typeof argument.value === "string" ? argument.value : null;
  if (path === "queues" || path === "queues.get")
    return name === null ? null : { from: { name }, grouped: false };
  if (path === "queues.self" || path === "queues.self.fifo") return { from: { self: true }, grouped: false };
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier")
    return null;
  if (!DERIVING.has(callee.property.name) || callee.object.type === "Super") return null;
  const owner = queueReference(callee.object, scope, depth + 1);
  return owner && { ...owner, grouped: owner.grouped || callee.property.name === "group" };
}

/** "queues.self.fifo", when it starts at the `queues` of "queue-run", under whatever name it was imported. */
function calleePath(callee: Expression, scope: FileScope): string | null {
  if (callee.type === "Identifier") {
    const imported = scope.imported(callee.name);
    return imported?.specifier === "queue-run" && imported.imported !== "*" ? imported.imported : null;
  }
  if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier")
    return null;
  if (callee.object.type === "Super") return null;
  if (callee.object.type === "Identifier" && scope.imported(callee.object.name)?.imported === "*") {
    return scope.imported(callee.object.name)?.specifier === "queue-run" ? callee.property.name : null;
  }
  const owner = calleePath(callee.object, scope);
  return owner && `${owner}.${callee.property.name}`;
}
