import { type Node, type Program, parseSync } from "oxc-parser";
import { type FileScope, fileScope, nameOfExport } from "../../project/file-scope.js";
import type { QueueDefinition } from "../../project/manifest.js";
import { SOURCE_LANGUAGES, sourceExtension } from "../../project/source-language.js";
import type { SendTargets } from "./send-targets.js";

/** Says which queues the code of some files can push to. */
type TargetsOfFiles = (files: readonly string[]) => SendTargets;

/**
 * Which queues a function can push to, as far as its source says: queues named in it by a literal or a constant, and
 * those whose files are a part of it and make a reference to themselves. Whatever else is done with `queues` may be
 * anything, and so may a package that imports queue-run.
 *
 * @param queues - of the project
 * @param readInput - the text of a file, by its path relative to the root; null when it cannot be read
 */
export function sendTargetsOf(
  queues: readonly Pick<QueueDefinition, "name" | "file">[],
  readInput: (file: string) => string | null,
): TargetsOfFiles {
  const queueOfFile = new Map(queues.map(({ name, file }) => [file, name]));
  const known = new Map<string, SendTargets>();
  const ofFile = (file: string): SendTargets => {
    const found = known.get(file) ?? fileTargets(file, readInput(file), queueOfFile.get(file) ?? null);
    known.set(file, found);
    return found;
  };
  return (files) => {
    const targets = new Set<string>();
    for (const file of files) {
      const found = ofFile(file);
      if (found === "all") return "all";
      for (const name of found) targets.add(name);
    }
    return targets;
  };
}

const RUNTIME = "queue-run";
const NONE: SendTargets = new Set();

function fileTargets(file: string, text: string | null, ownQueue: string | null): SendTargets {
  const extension = sourceExtension(file);
  if (extension === null) return NONE;
  if (text === null) return "all";
  if (!text.includes(RUNTIME)) return NONE;
  if (/(?:^|\/)node_modules\//.test(file)) return /["'`]queue-run["'`]/.test(text) ? "all" : NONE;
  const lang = SOURCE_LANGUAGES[extension];
  const { program, errors } = parseSync(file, text, { lang, astType: "js", preserveParens: false });
  if (errors.some(({ severity }) => severity === "Error")) return "all";
  const targets = new Set<string>();
  const uses = createUses(program, ownQueue, targets);
  return walk(program, [], uses) ? targets : "all";
}

/** Looks at a node with its ancestors, the nearest last. Returns false for a use that may lead to any queue. */
type Uses = (node: Node, ancestors: readonly Node[]) => boolean;

function createUses(program: Program, ownQueue: string | null, targets: Set<string>): Uses {
  const scope = fileScope(program);
  return (node, ancestors) => {
    switch (node.type) {
      case "ImportExpression":
        return !isRuntime(node.source);
      case "CallExpression": {
        const isRequire = node.callee.type === "Identifier" && node.callee.name === "require";
        return !(isRequire && isRuntime(node.arguments[0])) || isTopDeclaration(ancestors);
      }
      case "ExportAllDeclaration":
        return node.source.value !== RUNTIME;
      case "ExportNamedDeclaration":
        return (
          node.source?.value !== RUNTIME ||
          node.specifiers.every(({ local }) => nameOfExport(local) !== "queues")
        );
      case "ImportDeclaration":
        return true;
      case "Identifier": {
        const imported = scope.imported(node.name);
        if (imported?.specifier !== RUNTIME || isBinding(node, ancestors)) return true;
        if (imported.imported === "queues") return useOfQueues(node, ancestors, scope, ownQueue, targets);
        const isWhole = imported.imported === "*" || imported.imported === "default";
        return !isWhole || useOfNamespace(node, ancestors, scope, ownQueue, targets);
      }
      default:
        return true;
    }
  };
}

/** `queueRun.queues("x")`, `queueRun.url`: of `import * as queueRun`. */
function useOfNamespace(
  node: Node,
  ancestors: readonly Node[],
  scope: FileScope,
  ownQueue: string | null,
  targets: Set<string>,
): boolean {
  const parent = ancestors.at(-1);
  const name = memberOf(parent, node);
  if (name === null || parent === undefined) return false;
  return name !== "queues" || useOfQueues(parent, ancestors.slice(0, -1), scope, ownQueue, targets);
}

/** `queues("x")`, `queues.get("x")`, `queues.self()`: anything else is not understood. */
function useOfQueues(
  node: Node,
  ancestors: readonly Node[],
  scope: FileScope,
  ownQueue: string | null,
  targets: Set<string>,
): boolean {
  const parent = ancestors.at(-1);
  const member = memberOf(parent, node);
  if (member === "self") {
    if (ownQueue !== null) targets.add(ownQueue);
    return true;
  }
  // Takes jobs back, and sends none.
  if (member === "cancel") return true;
  const callee = member === "get" ? parent : member === null ? node : null;
  const call = member === "get" ? ancestors.at(-2) : parent;
  if (callee === null || call?.type !== "CallExpression" || call.callee !== callee) return false;
  const argument = call.arguments[0];
  if (argument === undefined || argument.type === "SpreadElement") return false;
  const name = scope.unwrap(argument);
  if (name.type !== "Literal" || typeof name.value !== "string") return false;
  targets.add(name.value);
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

/** @returns false as soon as a use is not understood */
function walk(node: Node, ancestors: Node[], uses: Uses): boolean {
  if (!uses(node, ancestors)) return false;
  if (node.type === "ImportDeclaration") return true;
  ancestors.push(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child) && !walk(child, ancestors, uses)) return false;
  }
  ancestors.pop();
  return true;
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === "object" && "type" in value && typeof value.type === "string";
}
