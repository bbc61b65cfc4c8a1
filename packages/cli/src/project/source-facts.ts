import { type Declaration, type Expression, type Program, parseSync, type Statement } from "oxc-parser";
import { type CommonJsExport, commonJsExports } from "./commonjs-exports.js";
import { type FileScope, fileScope, nameOfExport } from "./file-scope.js";
import { type QueueReference, queueReference } from "./queue-reference.js";
import { SOURCE_LANGUAGES, sourceExtension } from "./source-language.js";
import { type Position, positionsIn } from "./source-position.js";
import { evaluateStatic } from "./static-value.js";

/** What an export is, as far as can be known without running the file. */
export type ExportKind = "function" | "value" | "unknown";

/** One export of a file. */
export type ExportFact = {
  name: string;
  kind: ExportKind;
  at: Position;
  /** Set when it is a reference to a queue, or `http` or `statusHttp` of one. */
  queue: { member: "reference" | "http" | "statusHttp"; reference: QueueReference } | null;
};

/** An exported setting, read without running the file. */
export type SettingFacts = {
  value: unknown;
  at: Position;
  /** Where each member stands: "timeout", "limits.pending". */
  positions: Record<string, Position>;
  /** Members that cannot be known without running the file. */
  notStatic: { path: string; at: Position; found: string }[];
};

/** Everything that the manifest needs to know of one file. Plain data, so that it can be kept between reloads. */
export type SourceFacts = {
  commonJs: boolean;
  exports: ExportFact[];
  /** `export * from`: names that cannot be known from this file. */
  starExports: Position[];
  /** `config` and `schedule`, where exported. */
  settings: Record<string, SettingFacts>;
  syntaxError: { message: string; at: Position } | null;
};

const EXPORTS_TYPES = /\bexport\s+type\s*[*{]|\bexport\s*\{[^}]*\btype\s/;
const SETTINGS = new Set(["config", "schedule"]);

/**
 * Parses one file and keeps what the manifest needs of it; runs nothing.
 *
 * @param file - its name; only the extension matters
 * @param source - its text
 * @param runtimeOnly - members of `config` that may be any expression
 */
export function readSourceFacts(file: string, source: string, runtimeOnly: ReadonlySet<string>): SourceFacts {
  const extension = sourceExtension(file) ?? ".ts";
  // Without what only types need, a tree takes two thirds of the time; only it tells `export { type A }` apart.
  const astType = EXPORTS_TYPES.test(source) ? "ts" : "js";
  const parsed = parseSync(file, source, {
    lang: SOURCE_LANGUAGES[extension],
    astType,
    preserveParens: false,
  });
  const position = positionsIn(source);
  const facts: SourceFacts = {
    commonJs: false,
    exports: [],
    starExports: [],
    settings: {},
    syntaxError: null,
  };
  const error = parsed.errors.find(({ severity }) => severity === "Error");
  if (error) {
    facts.syntaxError = { message: error.message, at: position(error.labels[0]?.start ?? 0) };
    return facts;
  }
  const { program } = parsed;
  const scope = fileScope(program);
  const isModule =
    /^\.m[jt]s$/.test(extension) || program.body.some(isModuleSyntax) || parsed.module.hasModuleSyntax;
  facts.commonJs = !isModule;
  const found: FoundExport[] = facts.commonJs
    ? commonJsExports(program)
    : moduleExports(program, scope, facts, position);
  for (const { name, at, init, kind } of found) {
    facts.exports.push({
      name,
      kind: kind ?? kindOf(init, scope),
      at: position(at),
      queue: init ? queueExport(init, scope) : null,
    });
    if (SETTINGS.has(name)) facts.settings[name] = settingFacts(init, at, scope, runtimeOnly, position);
  }
  return facts;
}

/** Whether a manifest made from either would be the same: places in the file aside, they say the same. */
export function isSameMeaning(one: SourceFacts, other: SourceFacts): boolean {
  if (one.syntaxError || other.syntaxError) return false;
  return meaning(one) === meaning(other);
}

function meaning({ commonJs, exports, starExports, settings }: SourceFacts): string {
  return JSON.stringify([
    commonJs,
    exports.map(({ name, kind, queue }) => [name, kind, queue]),
    starExports.length,
    Object.entries(settings).map(([name, { value, notStatic }]) => [name, value, notStatic.length]),
  ]);
}

/** An export before it is described: `init` is what it is made from, where that is in this file. */
type FoundExport = CommonJsExport & { kind?: ExportKind };

function isModuleSyntax({ type }: Statement): boolean {
  return type === "ImportDeclaration" || type.startsWith("Export");
}

function moduleExports(
  program: Program,
  scope: FileScope,
  facts: SourceFacts,
  position: (offset: number) => Position,
): FoundExport[] {
  const found: FoundExport[] = [];
  const addLocal = (name: string, localName: string, at: number) => {
    const { init, kind, type } = scope.lookup(localName);
    if (!type) found.push({ name, at, init, kind: kind ?? undefined });
  };
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration" && statement.exportKind !== "type") {
      if (!statement.exported) facts.starExports.push(position(statement.start));
      else
        found.push({
          name: nameOfExport(statement.exported),
          at: statement.exported.start,
          init: null,
          kind: "unknown",
        });
    } else if (statement.type === "ExportDefaultDeclaration") {
      const at = statement.start + "export ".length;
      const { defaultExpression: init, defaultKind } = scope;
      if (init || defaultKind) found.push({ name: "default", at, init, kind: defaultKind ?? undefined });
    } else if (statement.type === "ExportNamedDeclaration" && statement.exportKind !== "type") {
      for (const { name, start } of declaredNames(statement.declaration)) addLocal(name, name, start);
      for (const { exported, local, exportKind } of statement.specifiers) {
        if (exportKind === "type") continue;
        const name = nameOfExport(exported);
        if (statement.source) found.push({ name, at: exported.start, init: null, kind: "unknown" });
        else addLocal(name, nameOfExport(local), exported.start);
      }
    }
  }
  return found;
}

/** The names that an exported declaration makes; of destructuring, those of one level. */
function declaredNames(declaration: Declaration | null): { name: string; start: number }[] {
  if (!declaration) return [];
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => {
      if (id.type === "Identifier") return [id];
      if (id.type !== "ObjectPattern") return [];
      return id.properties.flatMap((property) =>
        property.type === "Property" && property.value.type === "Identifier" ? [property.value] : [],
      );
    });
  }
  return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id] : [];
}

function settingFacts(
  init: Expression | null,
  at: number,
  scope: FileScope,
  runtimeOnly: ReadonlySet<string>,
  position: (offset: number) => Position,
): SettingFacts {
  if (!init) {
    const found = "something that another file or a declaration makes";
    return {
      value: undefined,
      at: position(at),
      positions: {},
      notStatic: [{ path: "", at: position(at), found }],
    };
  }
  const { value, offsets, failures } = evaluateStatic(init, scope.constant, runtimeOnly);
  const positions: Record<string, Position> = {};
  for (const [path, offset] of offsets) if (path !== "") positions[path] = position(offset);
  const notStatic = failures.map((failure) => ({ ...failure, at: position(failure.at) }));
  return { value, at: position(at), positions, notStatic };
}

/** What an expression makes, through wrappers of types, constants of the file and the functions that queue-run offers. */
function kindOf(init: Expression | null, scope: FileScope, depth = 0): ExportKind {
  if (!init || depth > 20) return "unknown";
  switch (init.type) {
    case "ArrowFunctionExpression":
      return "function";
    case "FunctionExpression":
      return init.generator ? "value" : "function";
    case "Literal":
    case "TemplateLiteral":
    case "ObjectExpression":
    case "ArrayExpression":
    case "NewExpression":
    case "ClassExpression":
    case "UnaryExpression":
    case "BinaryExpression":
      return "value";
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
      return kindOf(init.expression, scope, depth + 1);
    case "Identifier": {
      const local = scope.lookup(init.name);
      return local.kind ?? kindOf(local.init, scope, depth + 1);
    }
    case "CallExpression": {
      const { callee } = init;
      if (callee.type === "MemberExpression" && !callee.computed && callee.property.type === "Identifier") {
        if (callee.property.name === "handler") return "function";
      }
      return queueReference(init, scope) ? "value" : "unknown";
    }
    default:
      return "unknown";
  }
}

function queueExport(init: Expression, scope: FileScope): ExportFact["queue"] {
  const reference = queueReference(init, scope);
  if (reference) return { member: "reference", reference };
  const unwrapped = scope.unwrap(init);
  if (unwrapped.type !== "MemberExpression" || unwrapped.computed || unwrapped.property.type !== "Identifier")
    return null;
  const member = unwrapped.property.name;
  if ((member !== "http" && member !== "statusHttp") || unwrapped.object.type === "Super") return null;
  const owner = queueReference(unwrapped.object, scope);
  return owner ? { member, reference: owner } : null;
}
