import type {
  BindingPattern,
  Expression,
  ImportDeclaration,
  ModuleExportName,
  Program,
  Statement,
} from "oxc-parser";
import type { ExportKind } from "./source-facts.js";
import type { ConstantLookup } from "./static-value.js";

/** What a name at the top of a file stands for. */
type LocalName = {
  /** What it is made from; null for functions, classes, imports, destructuring. */
  init: Expression | null;
  /** Known where it is declared as a function or a class. */
  kind: ExportKind | null;
  declaration: "const" | "let" | "function" | "class" | "import" | "unknown";
  /** A type, an interface: no value. */
  type: boolean;
};

/** The names at the top of one file. */
export type FileScope = {
  lookup: (name: string) => LocalName;
  /** Where an imported name comes from; `imported` is "*" for a namespace. */
  imported: (name: string) => { specifier: string; imported: string } | null;
  constant: ConstantLookup;
  /** Follows constants and wrappers of types to the expression itself. */
  unwrap: (expression: Expression) => Expression;
  /** The expression after `export default`, or null where it is a declaration or missing. */
  defaultExpression: Expression | null;
  defaultKind: ExportKind | null;
};

const UNKNOWN: LocalName = { init: null, kind: null, declaration: "unknown", type: false };

/** Collects the names declared at the top of a file. */
export function fileScope(program: Program): FileScope {
  const names = new Map<string, LocalName>();
  const imports = new Map<string, { specifier: string; imported: string }>();
  let defaultExpression: Expression | null = null;
  let defaultKind: ExportKind | null = null;

  for (const statement of program.body) {
    if (statement.type === "ExportDefaultDeclaration") {
      const { declaration } = statement;
      if (declaration.type === "FunctionDeclaration") {
        defaultKind = declaration.generator ? "value" : "function";
        if (declaration.id)
          names.set(declaration.id.name, { ...UNKNOWN, kind: defaultKind, declaration: "function" });
      } else if (declaration.type === "ClassDeclaration") defaultKind = "value";
      else if (!declaration.type.startsWith("TS") || isTypeWrapper(declaration.type)) {
        defaultExpression = declaration as Expression;
      }
    } else if (statement.type === "ExportNamedDeclaration") {
      if (statement.declaration) declare(statement.declaration, names, imports);
    } else if (statement.type === "ImportDeclaration") {
      for (const [name, imported] of importedNames(statement)) {
        imports.set(name, { specifier: statement.source.value, imported });
        names.set(name, { ...UNKNOWN, declaration: "import" });
      }
    } else declare(statement, names, imports);
  }
  const lookup = (name: string) => names.get(name) ?? UNKNOWN;
  return {
    lookup,
    imported: (name) => imports.get(name) ?? null,
    constant(name) {
      const local = lookup(name);
      if (local.declaration === "const" && local.init) return { init: local.init };
      if (local.declaration === "import") return { found: `${name}, which is imported` };
      if (local.declaration === "let") return { found: `${name}, which is a variable that may change` };
      return { found: `${name}, which is not a constant of this file` };
    },
    unwrap(expression) {
      let current = expression;
      for (let depth = 0; depth < 20; depth++) {
        if (isWrapped(current)) current = current.expression;
        else if (current.type === "Identifier") {
          const { init, declaration } = lookup(current.name);
          if (!init || declaration !== "const") return current;
          current = init;
        } else return current;
      }
      return current;
    },
    defaultExpression,
    defaultKind,
  };
}

function declare(
  statement: Statement,
  names: Map<string, LocalName>,
  imports: Map<string, { specifier: string; imported: string }>,
): void {
  switch (statement.type) {
    case "VariableDeclaration":
      for (const { id, init } of statement.declarations) {
        const specifier = init && requiredSpecifier(init);
        if (specifier) {
          for (const [name, imported] of boundNames(id)) {
            imports.set(name, { specifier, imported });
            names.set(name, { ...UNKNOWN, declaration: "import" });
          }
        } else if (id.type === "Identifier") {
          names.set(id.name, { ...UNKNOWN, init, declaration: statement.kind === "const" ? "const" : "let" });
        }
      }
      break;
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      if (statement.id) {
        const kind = statement.generator ? "value" : "function";
        names.set(statement.id.name, { ...UNKNOWN, kind, declaration: "function" });
      }
      break;
    case "ClassDeclaration":
      if (statement.id) names.set(statement.id.name, { ...UNKNOWN, kind: "value", declaration: "class" });
      break;
    case "TSEnumDeclaration":
      names.set(statement.id.name, { ...UNKNOWN, kind: "value" });
      break;
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      if (!names.has(statement.id.name)) names.set(statement.id.name, { ...UNKNOWN, type: true });
      break;
  }
}

type TypeWrapper = Extract<
  Expression,
  {
    type:
      | "TSAsExpression"
      | "TSSatisfiesExpression"
      | "TSNonNullExpression"
      | "TSTypeAssertion"
      | "ParenthesizedExpression";
  }
>;

function isTypeWrapper(type: string): type is TypeWrapper["type"] {
  return [
    "TSAsExpression",
    "TSSatisfiesExpression",
    "TSNonNullExpression",
    "TSTypeAssertion",
    "ParenthesizedExpression",
  ].includes(type);
}

function isWrapped(expression: Expression): expression is TypeWrapper {
  return isTypeWrapper(expression.type);
}

/** What an import binds: the name here, and the name there. */
function importedNames({ specifiers }: ImportDeclaration): [string, string][] {
  return specifiers.map((specifier): [string, string] => {
    if (specifier.type === "ImportNamespaceSpecifier") return [specifier.local.name, "*"];
    if (specifier.type === "ImportDefaultSpecifier") return [specifier.local.name, "default"];
    return [specifier.local.name, nameOfExport(specifier.imported)];
  });
}

/** The name of an export: an identifier, or a string. */
export function nameOfExport(name: ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}

/** The "x" of `require("x")`. */
function requiredSpecifier(init: Expression): string | null {
  if (init.type !== "CallExpression" || init.callee.type !== "Identifier" || init.callee.name !== "require")
    return null;
  const argument = init.arguments[0];
  return argument?.type === "Literal" && typeof argument.value === "string" ? argument.value : null;
}

/** What `const x = require()` and `const { a, b: c } = require()` bind: the name here, and the name there. */
function boundNames(id: BindingPattern): [string, string][] {
  if (id.type === "Identifier") return [[id.name, "*"]];
  if (id.type !== "ObjectPattern") return [];
  return id.properties.flatMap((property): [string, string][] => {
    if (property.type !== "Property" || property.computed || property.key.type !== "Identifier") return [];
    return property.value.type === "Identifier" ? [[property.value.name, property.key.name]] : [];
  });
}
