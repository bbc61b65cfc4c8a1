import { type Node, parseSync } from "oxc-parser";
import { type FileScope, fileScope, nameOfExport } from "../project/file-scope.js";
import type { QueueDefinition } from "../project/manifest.js";
import { SOURCE_LANGUAGES, sourceExtension } from "../project/source-language.js";

/** The queues, by name, that code can push to; "all" where that cannot be known from its source. */
export type SendTargets = ReadonlySet<string> | "all";

/** What code does with the runtime, as far as that decides what a function has and may do. */
export type SourceUses = {
  /** The queues that it makes references to: it may push to them, and ask for their jobs and cancel them. */
  queues: SendTargets;
  /** Whether it may cancel jobs of any queue (`queues.cancel`). */
  cancelsAny: boolean;
  /** Whether it may send to the connections of the project's WebSocket. */
  usesSocket: boolean;
};

/** Says what the code of some files does. */
export type UsesOfFiles = (files: readonly string[]) => SourceUses;

/**
 * What a function does with the runtime, as far as its source says. Queues are those named in it by a literal or a
 * constant, and those whose files are a part of it and make a reference to themselves. Whatever else is done with
 * `queues` may mean any queue, and a package that imports queue-run may do anything.
 *
 * @param queues - of the project
 * @param readInput - the text of a file, by its path relative to the root; null when it cannot be read
 */
export function sourceUsesOf(
  queues: readonly Pick<QueueDefinition, "name" | "file">[],
  readInput: (file: string) => string | null,
): UsesOfFiles {
  const queueOfFile = new Map(queues.map(({ name, file }) => [file, name]));
  const known = new Map<string, SourceUses>();
  const ofFile = (file: string): SourceUses => {
    const found = known.get(file) ?? fileUses(file, readInput(file), queueOfFile.get(file) ?? null);
    known.set(file, found);
    return found;
  };
  return (files) => {
    const uses = files.map(ofFile);
    const isAll = uses.some((each) => each.queues === "all");
    return {
      queues: isAll ? "all" : new Set(uses.flatMap((each) => [...each.queues])),
      cancelsAny: uses.some(({ cancelsAny }) => cancelsAny),
      usesSocket: uses.some(({ usesSocket }) => usesSocket),
    };
  };
}

const RUNTIME = "queue-run";
const NONE: SourceUses = { queues: new Set(), cancelsAny: false, usesSocket: false };
const ANYTHING: SourceUses = { queues: "all", cancelsAny: true, usesSocket: true };

function fileUses(file: string, text: string | null, ownQueue: string | null): SourceUses {
  const extension = sourceExtension(file);
  if (extension === null) return NONE;
  if (text === null) return ANYTHING;
  if (!text.includes(RUNTIME)) return NONE;
  if (/(?:^|\/)node_modules\//.test(file)) return /["'`]queue-run["'`]/.test(text) ? ANYTHING : NONE;
  const lang = SOURCE_LANGUAGES[extension];
  const { program, errors } = parseSync(file, text, { lang, astType: "js", preserveParens: false });
  if (errors.some(({ severity }) => severity === "Error")) return ANYTHING;
  const found: Found = {
    ...{ scope: fileScope(program), ownQueue, queues: new Set() },
    ...{ isAnyQueue: false, cancelsAny: false, usesSocket: false, isAnything: false },
  };
  walk(program, [], found);
  if (found.isAnything) return ANYTHING;
  const { queues, isAnyQueue, cancelsAny, usesSocket } = found;
  return { queues: isAnyQueue ? "all" : queues, cancelsAny: cancelsAny || isAnyQueue, usesSocket };
}

/** What one file was seen to do so far. */
type Found = {
  scope: FileScope;
  ownQueue: string | null;
  queues: Set<string>;
  isAnyQueue: boolean;
  cancelsAny: boolean;
  usesSocket: boolean;
  isAnything: boolean;
};

/** @param ancestors - of the node, the nearest last */
function note(node: Node, ancestors: readonly Node[], found: Found): void {
  switch (node.type) {
    case "ImportExpression":
      if (isRuntime(node.source)) found.isAnything = true;
      break;
    case "CallExpression": {
      const isRequire = node.callee.type === "Identifier" && node.callee.name === "require";
      if (isRequire && isRuntime(node.arguments[0]) && !isTopDeclaration(ancestors)) found.isAnything = true;
      break;
    }
    case "ExportAllDeclaration":
      if (node.source.value === RUNTIME) found.isAnything = true;
      break;
    case "ExportNamedDeclaration":
      if (node.source?.value !== RUNTIME) break;
      for (const { local } of node.specifiers) {
        if (nameOfExport(local) === "queues") found.isAnyQueue = true;
        if (nameOfExport(local) === "socket") found.usesSocket = true;
      }
      break;
    case "Identifier": {
      const imported = found.scope.imported(node.name);
      if (imported?.specifier !== RUNTIME || isBinding(node, ancestors)) break;
      if (imported.imported === "*" || imported.imported === "default") noteNamespace(node, ancestors, found);
      else noteMember(imported.imported, node, ancestors, found);
    }
  }
}

/** `queueRun.queues("x")`, `queueRun.url`: of `import * as queueRun`. */
function noteNamespace(node: Node, ancestors: readonly Node[], found: Found): void {
  const parent = ancestors.at(-1);
  const name = memberOf(parent, node);
  if (name === null || parent === undefined) found.isAnything = true;
  else noteMember(name, parent, ancestors.slice(0, -1), found);
}

/** @param name - of what the runtime exports */
function noteMember(name: string, node: Node, ancestors: readonly Node[], found: Found): void {
  if (name === "socket") found.usesSocket = true;
  if (name === "queues" && !isKnownUseOfQueues(node, ancestors, found)) found.isAnyQueue = true;
}

/** `queues("x")`, `queues.get("x")`, `queues.self()`, `queues.cancel()`: anything else is not understood. */
function isKnownUseOfQueues(node: Node, ancestors: readonly Node[], found: Found): boolean {
  const parent = ancestors.at(-1);
  const member = memberOf(parent, node);
  if (member === "self") {
    if (found.ownQueue !== null) found.queues.add(found.ownQueue);
    return true;
  }
  if (member === "cancel") {
    found.cancelsAny = true;
    return true;
  }
  const callee = member === "get" ? parent : member === null ? node : null;
  const call = member === "get" ? ancestors.at(-2) : parent;
  if (callee === null || call?.type !== "CallExpression" || call.callee !== callee) return false;
  const argument = call.arguments[0];
  if (argument === undefined || argument.type === "SpreadElement") return false;
  const name = found.scope.unwrap(argument);
  if (name.type !== "Literal" || typeof name.value !== "string") return false;
  found.queues.add(name.value);
  return true;
}

/** The name in `object.name`; null where `parent` is something else. */
function memberOf(parent: Node | undefined, object: Node): string | null {
  if (parent?.type !== "MemberExpression" || parent.object !== object || parent.computed) return null;
  return parent.property.type === "Identifier" ? parent.property.name : null;
}

/** Whether an identifier only names something: what is imported, a member, a key, a declared name. */
function isBinding(node: Node, ancestors: readonly Node[]): boolean {
  const parent = ancestors.at(-1);
  if (parent === undefined) return false;
  if (parent.type === "MemberExpression") return parent.property === node && !parent.computed;
  if (parent.type === "Property") {
    const isPattern = ancestors.at(-2)?.type === "ObjectPattern";
    return isPattern ? isTopDeclaration(ancestors.slice(0, -2)) : parent.key === node && !parent.shorthand;
  }
  return parent.type === "VariableDeclarator" && parent.id === node && isTopDeclaration(ancestors);
}

/** Whether the nearest ancestor is a declaration at the top of the file: `const { queues } = require("queue-run")`. */
function isTopDeclaration(ancestors: readonly Node[]): boolean {
  return (
    ancestors.at(-1)?.type === "VariableDeclarator" &&
    ancestors.at(-2)?.type === "VariableDeclaration" &&
    ancestors.at(-3)?.type === "Program"
  );
}

function isRuntime(node: Node | undefined): boolean {
  return node?.type === "Literal" && node.value === RUNTIME;
}

function walk(node: Node, ancestors: Node[], found: Found): void {
  note(node, ancestors, found);
  if (node.type === "ImportDeclaration") return;
  ancestors.push(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) walk(child, ancestors, found);
  }
  ancestors.pop();
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === "object" && "type" in value && typeof value.type === "string";
}
