import type { Expression, ObjectExpression } from "oxc-parser";

/** Where a value stands in its file: UTF-16 offset. */
type Offset = number;

/** A setting that cannot be known without running the file. */
type NotStatic = {
  /** "limits.pending"; "" is the whole. */
  path: string;
  at: Offset;
  /** What stands there: "a call of a function". */
  found: string;
};

/** What reading an expression without running it gives. */
export type StaticValue = {
  /** Members that are not static are left out. */
  value: unknown;
  /** Where each member stands, by its path; "" is the whole. */
  offsets: Map<string, Offset>;
  failures: NotStatic[];
};

/** Finds what a constant of the same file is made from; what else a name is, in words. */
export type ConstantLookup = (name: string) => { init: Expression } | { found: string };

const NONE = Symbol("not static");

/**
 * Evaluates an expression that shapes resources without running any code: literals, constants of the same file,
 * arithmetic on them, templates of them, objects and arrays of them, through `as`, `satisfies` and `!`.
 *
 * @param expression - the initialiser of `config` or `schedule`
 * @param lookup - the constants of the file
 * @param runtimeOnly - members of the outermost object that are used at run time only and may be anything
 */
export function evaluateStatic(
  expression: Expression,
  lookup: ConstantLookup,
  runtimeOnly: ReadonlySet<string> = new Set(),
): StaticValue {
  const offsets = new Map<string, Offset>();
  const failures: NotStatic[] = [];
  const visiting = new Set<string>();
  const value = visit(expression, "");
  return { value: value === NONE ? undefined : value, offsets, failures };

  function fail(node: { start: number }, path: string, found: string): typeof NONE {
    failures.push({ path, at: node.start, found });
    return NONE;
  }

  function visit(node: Expression, path: string): unknown {
    if (!offsets.has(path)) offsets.set(path, node.start);
    switch (node.type) {
      case "Literal":
        if (node.value === null || typeof node.value !== "object") {
          return typeof node.value === "bigint" ? fail(node, path, "a bigint") : node.value;
        }
        return fail(node, path, "a regular expression");
      case "TemplateLiteral": {
        let text = "";
        for (const [index, quasi] of node.quasis.entries()) {
          text += quasi.value.cooked ?? "";
          const inner = node.expressions[index];
          if (!inner) continue;
          const part = visit(inner, path);
          if (part === NONE) return NONE;
          if (typeof part !== "string" && typeof part !== "number") {
            return fail(inner, path, "a template of something other than strings and numbers");
          }
          text += String(part);
        }
        return text;
      }
      case "UnaryExpression": {
        const operand = visit(node.argument, path);
        if (operand === NONE) return NONE;
        if (node.operator === "!") return !operand;
        if (node.operator === "void") return undefined;
        if (typeof operand === "number") {
          if (node.operator === "-") return -operand;
          if (node.operator === "+") return operand;
          if (node.operator === "~") return ~operand;
        }
        return fail(node, path, `the operator ${node.operator}`);
      }
      case "BinaryExpression": {
        if (node.left.type === "PrivateIdentifier") return fail(node, path, "a private name");
        const left = visit(node.left, path);
        const right = visit(node.right, path);
        if (left === NONE || right === NONE) return NONE;
        const result = calculate(node.operator, left, right);
        if (typeof result === "number" && !Number.isFinite(result))
          return fail(node, path, "a number that is not finite");
        return result === NONE ? fail(node, path, `the operator ${node.operator} on these values`) : result;
      }
      case "ObjectExpression":
        return visitObject(node, path);
      case "ArrayExpression": {
        const elements: unknown[] = [];
        let complete = true;
        for (const [index, element] of node.elements.entries()) {
          const at = `${path}[${index}]`;
          if (!element) return fail(node, path, "a hole in an array");
          const item = visit(element.type === "SpreadElement" ? element.argument : element, at);
          if (item === NONE) complete = false;
          else if (element.type !== "SpreadElement") elements.push(item);
          else if (Array.isArray(item)) elements.push(...item);
          else return fail(element, at, "a spread of something other than an array");
        }
        return complete ? elements : NONE;
      }
      case "Identifier": {
        if (node.name === "undefined") return undefined;
        const constant = lookup(node.name);
        if ("found" in constant) return fail(node, path, constant.found);
        if (visiting.has(node.name)) return fail(node, path, `${node.name}, which is made from itself`);
        visiting.add(node.name);
        const failuresBefore = failures.length;
        const value = visit(constant.init, path);
        visiting.delete(node.name);
        for (const failure of failures.slice(failuresBefore)) failure.at = node.start;
        return value;
      }
      case "MemberExpression": {
        if (node.property.type === "PrivateIdentifier") return fail(node, path, "a private name");
        const failuresBefore = failures.length;
        const owner = node.object.type === "Super" ? NONE : visit(node.object, path);
        const key =
          !node.computed && node.property.type === "Identifier"
            ? node.property.name
            : visit(node.property, path);
        if (owner === NONE || key === NONE) {
          failures.length = failuresBefore;
          return fail(node, path, "a member of something that is not a constant of this file");
        }
        if (owner !== null && typeof owner === "object" && Object.hasOwn(owner, String(key))) {
          return Reflect.get(owner, String(key));
        }
        return fail(node, path, `a member that is not there (${String(key)})`);
      }
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
      case "ParenthesizedExpression":
        return visit(node.expression, path);
      default:
        return fail(node, path, describe(node));
    }
  }

  function visitObject(node: ObjectExpression, path: string): unknown {
    const members = new Map<string, unknown>();
    for (const property of node.properties) {
      if (property.type === "SpreadElement") {
        const spread = visit(property.argument, path);
        if (spread !== NONE && spread !== null && typeof spread === "object" && !Array.isArray(spread)) {
          for (const [key, value] of Object.entries(spread)) members.set(key, value);
        } else if (spread !== NONE) fail(property, path, "a spread of something other than an object");
        continue;
      }
      const key = keyOf(property.computed, property.key);
      if (key === null) {
        fail(property, path, "a computed name");
        continue;
      }
      if (path === "" && runtimeOnly.has(key)) continue;
      const memberPath = path === "" ? key : `${path}.${key}`;
      offsets.set(memberPath, property.start);
      if (property.kind !== "init" || property.method) {
        fail(property, memberPath, "a method");
        continue;
      }
      const value = visit(property.value, memberPath);
      if (value === NONE) members.delete(key);
      else members.set(key, value);
    }
    return Object.fromEntries(members);
  }

  function keyOf(
    computed: boolean,
    key: ObjectExpression["properties"][number] extends infer P
      ? P extends { key: infer K }
        ? K
        : never
      : never,
  ): string | null {
    if (key.type === "PrivateIdentifier") return null;
    if (!computed && key.type === "Identifier") return key.name;
    if (key.type === "Literal" && (typeof key.value === "string" || typeof key.value === "number"))
      return String(key.value);
    if (!computed) return null;
    const failuresBefore = failures.length;
    const value = visit(key as Expression, "[key]");
    failures.length = failuresBefore;
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  }
}

function calculate(operator: string, left: unknown, right: unknown): unknown {
  if (
    operator === "+" &&
    [left, right].every((side) => typeof side === "string" || typeof side === "number")
  ) {
    return typeof left === "number" && typeof right === "number" ? left + right : `${left}${right}`;
  }
  if (typeof left !== "number" || typeof right !== "number") return NONE;
  switch (operator) {
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "**":
      return left ** right;
    default:
      return NONE;
  }
}

function describe(node: Expression): string {
  switch (node.type) {
    case "CallExpression":
    case "ChainExpression":
    case "TaggedTemplateExpression":
      return "a call of a function";
    case "AwaitExpression":
      return "something awaited";
    case "ConditionalExpression":
    case "LogicalExpression":
      return "a choice made at run time";
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return "a function";
    case "ClassExpression":
      return "a class";
    case "NewExpression":
      return "a new object";
    default:
      return `an expression (${node.type})`;
  }
}
