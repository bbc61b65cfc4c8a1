import type { AssignmentTarget, Expression, Program } from "oxc-parser";

/** An export of a CommonJS file. */
export type CommonJsExport = { name: string; at: number; init: Expression | null };

/**
 * The exports of a file that assigns to `exports` or `module.exports` at its top: `exports.get = …`,
 * `module.exports.get = …`, `module.exports = { get, … }`, and `module.exports = handler`, which is its default.
 */
export function commonJsExports(program: Program): CommonJsExport[] {
  const found = new Map<string, CommonJsExport>();
  for (const statement of program.body) {
    if (statement.type !== "ExpressionStatement") continue;
    let expression: Expression = statement.expression;
    while (expression.type === "AssignmentExpression" && expression.operator === "=") {
      const target = exportTarget(expression.left);
      const value = lastAssigned(expression.right);
      if (target === "*") addWhole(value, expression.start);
      else if (target !== null && target !== "__esModule")
        found.set(target, { name: target, at: expression.start, init: value });
      expression = expression.right;
    }
  }
  return [...found.values()];

  function addWhole(value: Expression, at: number): void {
    if (value.type !== "ObjectExpression") {
      found.set("default", { name: "default", at, init: value });
      return;
    }
    for (const property of value.properties) {
      if (property.type !== "Property" || property.computed) continue;
      const { key } = property;
      const name = key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : null;
      if (name !== null) found.set(name, { name, at: property.start, init: property.value });
    }
  }
}

/** The value of `a = b = value`. */
function lastAssigned(expression: Expression): Expression {
  return expression.type === "AssignmentExpression" ? lastAssigned(expression.right) : expression;
}

/** The name that is assigned: "*" for the whole of `module.exports`; null for anything else. */
function exportTarget(target: AssignmentTarget): string | null {
  if (target.type !== "MemberExpression" || target.object.type === "Super") return null;
  const { object, property } = target;
  const name =
    !target.computed && property.type === "Identifier"
      ? property.name
      : property.type === "Literal" && typeof property.value === "string"
        ? property.value
        : null;
  if (name === null) return null;
  if (object.type === "Identifier" && object.name === "module" && name === "exports") return "*";
  if (object.type === "Identifier" && object.name === "exports") return name;
  return object.type === "MemberExpression" && exportTarget(object) === "*" ? name : null;
}
