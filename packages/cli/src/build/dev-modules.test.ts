import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { readProject } from "../project/read-project.js";
import { type TemporaryProject, temporaryProject } from "../project/temporary-project.js";
import { createDevModules, type PreparedEntry } from "./dev-modules.js";
import { loadInNode } from "./load-in-node.js";

/** A runtime that says what it was bound to. */
const RUNTIME = `
  export const queues = { self: () => ({ bound: null }) };
  export const url = { self: () => null };
  export const fatal = (text) => text;
  export const bindQueues = (binding) => ({ self: () => ({ bound: binding }) });
  export const bindUrl = (route) => ({ self: () => route });
  export const jsx = (tag, props) => ({ tag, props });
  export const jsxs = jsx;
`;

function start(files: Record<string, string>) {
  const project = temporaryProject({ "runtime.mjs": RUNTIME, ...files });
  onTestFinished(project.dispose);
  const outDir = project.path(".queue-run/dev/modules");
  const runtime = pathToFileURL(project.path("runtime.mjs")).href;
  const modules = createDevModules({
    root: project.root,
    outDir,
    runtimeUrls: { runtime, bind: runtime, jsxRuntime: runtime, jsxDevRuntime: runtime },
  });
  return {
    ...project,
    outDir,
    modules,
    load: async (file: string, expression?: string) =>
      loadInNode(url(await modules.prepare(file)), expression),
  };
}

function url(prepared: PreparedEntry): string {
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
  return prepared.url;
}

function install({ path }: Pick<TemporaryProject, "path">, name: string, folder: string) {
  mkdirSync(path("node_modules"), { recursive: true });
  symlinkSync(path(folder), path(`node_modules/${name}`), "junction");
}

describe("imports", () => {
  test("lead to files by every name that they have", async () => {
    const { load } = start({
      "queues/x.ts": `
        import { a } from "./_a.js";
        import { b } from "../lib/b";
        import { c } from "#lib/c.js";
        import { d } from "#/lib/d.js";
        import e from "#lib/e/index.js";
        import { f } from "../lib/folder";
        import type { T } from "./no-such-types.js";
        import { only as types, type Only } from "../lib/types.js";
        export { g } from "../lib/g.mjs";
        export * from "../lib/h.jsx";
        export default async (unused: T | Only) => [a, b, c, d, e, f, (await import("../lib/i.js")).i, types];
      `,
      "queues/_a.ts": "export const a: string = 'a';",
      "lib/b.ts": "export const b = 'b';",
      "lib/c.js": "export const c = 'c';",
      "lib/d.tsx": "export const d = 'd';",
      "lib/e/index.ts": "export default 'e';",
      "lib/folder/index.ts": "export const f = 'f';",
      "lib/g.mts": "export const g = 'g';",
      "lib/h.tsx": "export const h = 'h';",
      "lib/i.ts": "export const i = 'i';",
      "lib/types.ts": "export type Only = 1; export const only = 'types';",
    });
    expect(await load("queues/x.ts")).toEqual(["default", "g", "h"]);
    expect(await load("queues/x.ts", "module.default()")).toEqual([
      "a",
      "b",
      "c",
      "d",
      "e",
      "f",
      "i",
      "types",
    ]);
  });

  test("follow package.json imports and a tsconfig's own paths", async () => {
    const { load } = start({
      "package.json": JSON.stringify({ name: "x", type: "module", imports: { "#deep/*": "./src/deep/*" } }),
      "tsconfig.base.json": JSON.stringify({ compilerOptions: { paths: { "@app/*": ["./src/*"] } } }),
      "tsconfig.json": JSON.stringify({ extends: "./tsconfig.base.json" }),
      "queues/x.ts":
        'import { a } from "#deep/a.js"; import { b } from "@app/b"; export default () => [a, b];',
      "src/deep/a.ts": "export const a = 'a';",
      "src/b.ts": "export const b = 'b';",
    });
    expect(await load("queues/x.ts", "module.default()")).toEqual(["a", "b"]);
  });

  test("may go round in a circle, and to data", async () => {
    const { load } = start({
      "queues/x.ts":
        'import { name } from "./_y.js"; import data, { list } from "../data.json" with { type: "json" }; import text from "../note.txt"; export const label = () => "x"; export default () => [name(), data.list, list, text];',
      "queues/_y.ts": 'import { label } from "./x.js"; export const name = () => label() + "y";',
      "data.json": '{ "list": [1, 2], "not-a-name": 3 }',
      "note.txt": "hello",
    });
    expect(await load("queues/x.ts", "module.default()")).toEqual(["xy", [1, 2], [1, 2], "hello"]);
  });

  test("reach an installed package's JSON, from either kind of module", async () => {
    const { load } = start({
      "node_modules/dep/package.json": JSON.stringify({ name: "dep", version: "1.2.3" }),
      "queues/x.ts":
        'import dep from "dep/package.json" with { type: "json" }; import { v } from "../lib/old.cjs"; export default async () => [dep.version, v, (await import("dep/package.json")).default.name];',
      "lib/old.cjs": 'exports.v = require("dep/package.json").version;',
    });
    expect(await load("queues/x.ts", "module.default()")).toEqual(["1.2.3", "1.2.3", "dep"]);
  });

  test("of workspace packages are built and watched; of installed ones they are not", async () => {
    const made = start({
      "packages/shared/package.json": JSON.stringify({
        name: "shared",
        type: "module",
        exports: "./src/index.ts",
      }),
      "packages/shared/src/index.ts":
        'import { dep } from "dep"; export const shared: string = "shared " + dep;',
      "packages/shared/node_modules/dep/package.json": JSON.stringify({
        name: "dep",
        type: "module",
        main: "index.js",
      }),
      "packages/shared/node_modules/dep/index.js": "export const dep = 'dep';",
      "queues/x.ts": 'import { shared } from "shared"; export default () => shared;',
    });
    install(made, "shared", "packages/shared");
    const prepared = await made.modules.prepare("queues/x.ts");
    expect(prepared.reached.map((file) => file.slice(made.root.length + 1))).toEqual([
      "queues/x.ts",
      "packages/shared/src/index.ts",
    ]);
    expect(await made.load("queues/x.ts", "module.default()")).toBe("shared dep");
  });

  test("of CommonJS packages give the names that a bundle would", async () => {
    const { load } = start({
      "node_modules/legacy/package.json": JSON.stringify({ name: "legacy", main: "index.js" }),
      "node_modules/legacy/index.js":
        "const names = { hidden: 'hidden' }; module.exports = Object.assign(() => 'called', names);",
      "node_modules/compiled/package.json": JSON.stringify({ name: "compiled", main: "index.js" }),
      "node_modules/compiled/index.js":
        'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = "default"; exports.a = "a";',
      "queues/x.ts": `
        import legacy, { hidden } from "legacy";
        import compiled, { a } from "compiled";
        import * as all from "compiled";
        export { hidden as again } from "legacy";
        export default () => [legacy(), hidden, typeof compiled, a, all.a];
      `,
    });
    expect(await load("queues/x.ts", "module.default()")).toEqual(["called", "hidden", "object", "a", "a"]);
    expect(await load("queues/x.ts", "module.again")).toBe("hidden");
  });

  test("of compiled packages give exports.default in a CommonJS project", async () => {
    const { load } = start({
      "package.json": JSON.stringify({ name: "x" }),
      "node_modules/compiled/package.json": JSON.stringify({ name: "compiled", main: "index.js" }),
      "node_modules/compiled/index.js":
        'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = "default";',
      "queues/x.ts": 'import compiled from "compiled"; export default () => compiled;',
    });
    expect(await load("queues/x.ts", "module.default()")).toBe("default");
  });
});

describe("queue-run", () => {
  test("is bound to the file, and is one module for all", async () => {
    const { load } = start({
      "queues/update_profile.fifo.ts":
        'import { queues, fatal } from "queue-run"; import { f } from "#lib/f.js"; export const self = queues.self(); export const same = f === fatal; export default () => {};',
      "api/orders/[id].ts":
        'import { url, queues } from "queue-run"; import { self } from "#queues/update_profile.fifo.js"; export const path = url.self(); export const other = queues.self(); export { self }; export const get = () => {};',
      "lib/f.ts": 'export { fatal as f } from "queue-run";',
    });
    expect(await load("queues/update_profile.fifo.ts", "[module.self.bound, module.same]")).toEqual([
      { queue: "update_profile.fifo", fifo: true },
      true,
    ]);
    expect(
      await load("api/orders/[id].ts", "[module.path, module.other.bound, module.self.bound.queue]"),
    ).toEqual(["/orders/[id]", null, "update_profile.fifo"]);
  });

  test("makes JSX", async () => {
    const { load } = start({ "api/index.tsx": "export const get = () => <b id='x'>hi</b>;" });
    expect(await load("api/index.tsx", "module.get()")).toEqual({
      tag: "b",
      props: { id: "x", children: "hi" },
    });
  });
});

describe("CommonJS projects", () => {
  test("export their handlers by name", async () => {
    const { load } = start({
      "package.json": JSON.stringify({ name: "x" }),
      "queues/a.js":
        'const { queues } = require("queue-run"); const { b } = require("../lib/b"); const data = require("../data.json"); module.exports = async () => [b, data.n, queues.self().bound.queue]; module.exports.config = { timeout: 5 };',
      "queues/c.cjs":
        'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = () => "c"; exports.job = () => 1;',
      "api/x.js": "module.exports = { get: () => 'got', config: {} };",
      "lib/b.ts": "export const b: string = 'b';",
      "data.json": '{ "n": 5 }',
    });
    expect(await load("queues/a.js", "module.default()")).toEqual(["b", 5, "a"]);
    expect(await load("queues/a.js", "module.config")).toEqual({ timeout: 5 });
    expect(await load("queues/c.cjs", "[module.default(), module.job()]")).toEqual(["c", 1]);
    expect(await load("api/x.js", "[module.get(), module.default === undefined]")).toEqual(["got", true]);
  });

  test("have require, __dirname and __filename of the source, in either kind of module", async () => {
    const made = start({
      "package.json": JSON.stringify({ name: "x" }),
      "queues/a.cts":
        'const { sep } = require("node:path"); exports.default = () => [__dirname, __filename, typeof require.resolve, sep.length];',
      "queues/b.ts":
        'import { c } from "../lib/c"; export default () => [__dirname, __filename, c, require("../data.json").n, import.meta.url, import.meta.dirname, import.meta.filename, import.meta.resolve("node:fs")];',
      "lib/c.ts": "'use strict';\nconst d = require('./d');\nmodule.exports = { c: d.d };",
      "lib/d.js": "exports.d = 'd';",
      "data.json": '{ "n": 5 }',
    });
    const { path, load } = made;
    expect(await load("queues/a.cts", "module.default()")).toEqual([
      path("queues"),
      path("queues/a.cts"),
      "function",
      1,
    ]);
    const url = pathToFileURL(path("queues/b.ts")).href;
    expect(await load("queues/b.ts", "module.default().slice(0, 7)")).toEqual([
      path("queues"),
      path("queues/b.ts"),
      "d",
      5,
      url,
      path("queues"),
      path("queues/b.ts"),
    ]);
  });
});

describe("a change", () => {
  test("builds its own file again, and no other", async () => {
    const { modules, write, outDir } = start({
      "queues/x.ts": 'import { y } from "#lib/y.js"; export default () => y;',
      "lib/y.ts": "export const y = 1;",
    });
    await modules.prepare("queues/x.ts");
    const before = statSync(join(outDir, "queues/x.ts.mjs")).ino;
    const other = statSync(join(outDir, "lib/y.ts.mjs")).ino;
    write("lib/y.ts", "export const y = 2;");
    modules.invalidate(["lib/y.ts"]);
    const prepared = await modules.prepare("queues/x.ts");
    expect(await loadInNode(url(prepared), "module.default()")).toBe(2);
    expect(statSync(join(outDir, "queues/x.ts.mjs")).ino).toBe(before);
    expect(statSync(join(outDir, "lib/y.ts.mjs")).ino).not.toBe(other);
  });

  test("that breaks a file leaves all that was written as it was, and says where", async () => {
    const { modules, write, outDir } = start({
      "queues/x.ts": 'import { y } from "#lib/y.js"; export default () => y;',
      "lib/y.ts": "export const y = 1;",
    });
    const good = url(await modules.prepare("queues/x.ts"));
    write("queues/x.ts", 'import { y, z } from "#lib/y.js"; export default () => z;');
    write("lib/y.ts", "export const y = 1;\nexport const z = ;");
    modules.invalidate(["queues/x.ts", "lib/y.ts"]);
    const prepared = await modules.prepare("queues/x.ts");
    expect(prepared).toMatchObject({
      ok: false,
      problems: [
        { code: "QR_SYNTAX_ERROR", file: "lib/y.ts", line: 2, column: 18, frame: "export const z = ;" },
      ],
    });
    expect(prepared.reached).toHaveLength(2);
    expect(await loadInNode(good, "module.default()")).toBe(1);
    write("lib/y.ts", "export const y = 1;\nexport const z = 2;");
    modules.invalidate(["lib/y.ts"]);
    expect(await loadInNode(url(await modules.prepare("queues/x.ts")), "module.default()")).toBe(2);
    expect(readdirSync(join(outDir, "queues"))).toEqual(["x.ts.mjs"]);
  });

  test("that adds what was missing, or removes what was there, is seen", async () => {
    const { modules, write, remove } = start({
      "queues/x.ts":
        'import { y } from "../lib/y.js";\nimport pkg from "not-there";\nexport default () => y;',
    });
    expect(await modules.prepare("queues/x.ts")).toMatchObject({
      ok: false,
      problems: [{ code: "QR_IMPORT_NOT_FOUND", file: "queues/x.ts", line: 1, column: 19 }],
    });
    write("lib/y.ts", "export const y = 1;");
    modules.invalidate(["lib/y.ts"]);
    expect((await modules.prepare("queues/x.ts")).ok).toBe(true);
    remove("lib/y.ts");
    modules.invalidate(["lib/y.ts"]);
    expect((await modules.prepare("queues/x.ts")).ok).toBe(false);
  });

  test("of a file that shadows another leads imports to it", async () => {
    const { modules, write } = start({
      "queues/x.ts": 'import { y } from "../lib/y"; export default () => y;',
      "lib/y/index.ts": "export const y = 'folder';",
    });
    await modules.prepare("queues/x.ts");
    write("lib/y.ts", "export const y = 'file';");
    modules.invalidate(["lib/y.ts"]);
    expect(await loadInNode(url(await modules.prepare("queues/x.ts")), "module.default()")).toBe("file");
  });

  test("of tsconfig.json or package.json counts", async () => {
    const { modules, write } = start({
      "queues/x.ts": 'import { y } from "@lib/y"; export default () => y;',
      "lib/y.ts": "export const y = 1;",
    });
    expect((await modules.prepare("queues/x.ts")).ok).toBe(false);
    write("tsconfig.json", JSON.stringify({ compilerOptions: { paths: { "@lib/*": ["./lib/*"] } } }));
    modules.invalidate(["tsconfig.json"]);
    expect(await loadInNode(url(await modules.prepare("queues/x.ts")), "module.default()")).toBe(1);
  });

  test("while a file is being built is not lost", async () => {
    const { modules, write } = start({ "queues/x.ts": "export default () => 1;" });
    const first = modules.prepare("queues/x.ts");
    write("queues/x.ts", "export default () => 2;");
    modules.invalidate(["queues/x.ts"]);
    await Promise.all([first, modules.prepare("queues/x.ts")]);
    expect(await loadInNode(url(await first), "module.default()")).toBe(2);
  });
});

describe("TypeScript that is more than types", () => {
  test("means what the compiler says it means", async () => {
    const { load } = start({
      "queues/x.ts": `
        import { order } from "../lib/order.js"; // ☃ é 漢
        enum Size { small = 1, large = small << 1 }
        namespace Names { export const first = "first"; }
        function upper(method: () => string, _: unknown) { return function (this: unknown) { return method.call(this).toUpperCase(); }; }
        class Box { constructor(private readonly inside: string) {} @upper open() { return this.inside; } }
        export default () => [Size.large, Size[1], Names.first, new Box("box").open(), order, import.meta.filename];
      `,
      "lib/order.ts":
        "export const order: string[] = []; class First { a = order.push('field'); constructor() { order.push('constructor'); } } new First();",
    });
    const values = (await load("queues/x.ts", "module.default()")) as unknown[];
    expect(values.slice(0, 5)).toEqual([2, "small", "first", "BOX", ["field", "constructor"]]);
  });

  test("keeps fields as tsconfig.json says", async () => {
    const project = {
      "queues/x.ts":
        "class A { set a(value: number) { this.seen = value; } seen = 0 } class B extends A { a = 1 } export default () => new B().seen;",
    };
    expect(await start(project).load("queues/x.ts", "module.default()")).toBe(0);
    const compilerOptions = { useDefineForClassFields: false };
    const assigning = start({ ...project, "tsconfig.json": JSON.stringify({ compilerOptions }) });
    expect(await assigning.load("queues/x.ts", "module.default()")).toBe(1);
  });
});

test.each([
  ["export default 1;\nexport default 2;", 2],
  ["export const a = 1;\nconst b = 2;\nexport { b as a };", 3],
  ["export const a = 1;\nlet c;\nlet c;", 3],
  ["export const f = () => {\n  await 1;\n};", 2],
])("what Node would refuse to load is a problem with its place: %j", async (source, line) => {
  const prepared = await start({ "lib/x.ts": source }).modules.prepare("lib/x.ts");
  expect(prepared).toMatchObject({ ok: false, problems: [{ code: "QR_SYNTAX_ERROR", line }] });
});

test("reports every problem of all that a file reaches", async () => {
  const { modules } = start({
    "queues/x.ts":
      'import "./_a.js";\nimport "./_b.js";\nimport pkg from "@scope/nope/deep";\nexport default () => pkg;',
    "queues/_a.ts": "const a = ;",
    "queues/_b.ts": "\nif (",
  });
  const prepared = await modules.prepare("queues/x.ts");
  expect(
    !prepared.ok && prepared.problems.map(({ code, file, line }) => `${file}:${line} ${code}`).sort(),
  ).toEqual([
    "queues/_a.ts:1 QR_SYNTAX_ERROR",
    "queues/_b.ts:2 QR_SYNTAX_ERROR",
    "queues/x.ts:3 QR_PACKAGE_NOT_FOUND",
  ]);
  expect(
    !prepared.ok && prepared.problems.find(({ code }) => code === "QR_PACKAGE_NOT_FOUND")?.fix,
  ).toContain("npm install @scope/nope)");
});

test("a file that is not there is a problem, not a crash", async () => {
  const { modules } = start({});
  expect(await modules.prepare("queues/nope.ts")).toMatchObject({
    ok: false,
    problems: [{ file: "queues/nope.ts" }],
  });
});

test("stacks show the source, past imports that were rewritten", async () => {
  const { load, path } = start({
    "queues/x.ts":
      'import { boom } from "#lib/boom.js";\n\ninterface A { a: string }\n\nexport default async function handler(a: A) {\n  await boom(a.a as string);\n}\n',
    "lib/boom.ts":
      'type B = { b: 1 };\nexport function boom(text: string): never {\n  const unused: B | null = null;\n  require("node:fs");\n  throw new Error(text + unused);\n}\n',
  });
  const stack = String(await load("queues/x.ts", 'module.default({ a: "x" })'));
  expect(stack).toContain(`${path("lib/boom.ts")}:5:9`);
  expect(stack).toContain(`${path("queues/x.ts")}:6:9`);
});

test("what an import may not find is left to the line that asks for it", async () => {
  const { load } = start({
    "queues/x.ts":
      'export default async () => { try { require("optional"); } catch { return import("also-optional").catch(() => "neither"); } };',
  });
  expect(await load("queues/x.ts", "module.default()")).toBe("neither");
});

test("external packages are left alone, workspace packages too", async () => {
  const made = start({
    "packages/shared/package.json": JSON.stringify({ name: "shared", type: "module", main: "index.js" }),
    "packages/shared/index.js": "export const shared = import.meta.url;",
    "queues/x.ts": 'import { shared } from "shared"; export default () => shared;',
  });
  install(made, "shared", "packages/shared");
  const modules = createDevModules({ root: made.root, outDir: made.outDir, external: ["shared"] });
  const prepared = await modules.prepare("queues/x.ts");
  expect(prepared.reached).toEqual([made.path("queues/x.ts")]);
  expect(await loadInNode(url(prepared), "module.default()")).toBe(
    pathToFileURL(made.path("packages/shared/index.js")).href,
  );
});

test("a project that is reached through a symbolic link is one project", async () => {
  const made = start({
    "queues/x.ts":
      'import { queues } from "queue-run"; export { other } from "#queues/y.js"; export const self = queues.self(); export default () => {};',
    "queues/y.ts":
      'import { queues } from "queue-run"; export const other = queues.self(); export default () => {};',
  });
  const link = `${made.root}-link`;
  symlinkSync(made.root, link, "junction");
  onTestFinished(() => rmSync(link));
  const runtime = pathToFileURL(made.path("runtime.mjs")).href;
  const modules = createDevModules({
    root: link,
    outDir: join(link, ".queue-run/dev/modules"),
    runtimeUrls: { runtime, bind: runtime, jsxRuntime: runtime, jsxDevRuntime: runtime },
  });
  for (const entry of ["queues/x.ts", join(link, "queues/x.ts")]) {
    const prepared = await modules.prepare(entry);
    expect(prepared.reached).toEqual([made.path("queues/x.ts"), made.path("queues/y.ts")]);
    expect(await loadInNode(url(prepared), "[module.self.bound.queue, module.other.bound.queue]")).toEqual([
      "x",
      "y",
    ]);
  }
  const reading = await readProject(link, { stage: "dev" });
  expect("manifest" in reading && reading.manifest.root).toBe(made.root);
});

test("a file that is neither code nor data is a problem where it is imported", async () => {
  const { modules } = start({
    "api/x.ts": 'import logo from "../logo.png";\nexport const get = () => logo;',
    "logo.png": "png",
  });
  const prepared = await modules.prepare("api/x.ts");
  expect(prepared).toMatchObject({
    ok: false,
    problems: [{ code: "QR_UNSUPPORTED_IMPORT", file: "api/x.ts", line: 1 }],
  });
});

test("names that URLs give a meaning to are names of files", async () => {
  const { load, outDir } = start({
    "api/a b/[id]#100%.ts": 'import { x } from "./_y%z.js"; export const get = () => x;',
    "api/a b/_y%z.ts": "export const x = 'x';",
  });
  expect(await load("api/a b/[id]#100%.ts", "module.get()")).toBe("x");
  expect(existsSync(join(outDir, "api/a b/[id]#100%.ts.mjs"))).toBe(true);
  expect(readFileSync(join(outDir, "api/a b/[id]#100%.ts.mjs"), "utf8")).toContain("_y%25z");
});
