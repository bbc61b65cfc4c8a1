import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { describe, expect, test } from "vitest";
import { transformInProcess } from "./transform-in-process.js";

const options = { jsx: "react-jsx", jsxImportSource: "queue-run" } as const;
const packages = fileURLToPath(new URL("../../..", import.meta.url));

/** The same code is the same text. */
async function canonical(code: string): Promise<string> {
  const printed = await transform(code, { format: "esm", minifyWhitespace: true, legalComments: "none" });
  return printed.code;
}

async function byEsbuild(source: string): Promise<string> {
  const tsconfigRaw = { compilerOptions: options };
  return canonical((await transform(source, { loader: "ts", format: "esm", tsconfigRaw })).code);
}

test("gives what esbuild gives, of every file of the runtime that it takes", async () => {
  const folder = join(packages, "runtime/src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(?<!\.d)\.ts$/.test(file),
  );
  let taken = 0;
  for (const file of files) {
    const source = readFileSync(join(folder, file), "utf8");
    const made = transformInProcess(file, source, "ts", options);
    if (!made) continue;
    taken++;
    expect([file, await canonical(made.code)]).toEqual([file, await byEsbuild(source)]);
  }
  expect(taken / files.length).toBeGreaterThan(0.7);
});

test.each([
  ["types", "export const a = <T,>(x: T | null): T => x!; export type B = 1; interface C { d: B }"],
  ["imports of types", 'import { A, type B } from "x"; import type C from "y"; export let a: A | B | C;'],
  ["imports that are used", 'import a, { b } from "x"; import * as c from "y"; export default [a, b, c];'],
  ["exports of others", 'export { a, b as default } from "x"; export * from "y"; export * as z from "z";'],
  [
    "overloads",
    "export function f(a: string): void; export function f(a: number): void; export function f() {}",
  ],
  ["fields", "export class A<T> { a: T; b?: string; static #c = 1; declare d: T; [key: string]: unknown; }"],
  ["abstract classes", "export abstract class A { abstract a(): void; protected b(): void {} }"],
  [
    "assertions",
    'export let a = b as string satisfies C; export const d = ["e"] as const; (f as any).g = 1;',
  ],
  ["what is not ASCII", 'export const a = "é 漢 😀"; // ☃\nimport { b } from "x"; export const c = b + "☃";'],
  [
    "words that are not decorators",
    '/** @param a - {@link b} */ export const a = "@b/c"; import d from "@e/f"; d();',
  ],
])("gives what esbuild gives: %s", async (_, source) => {
  const made = transformInProcess("x.ts", source, "ts", options);
  expect(await canonical(made?.code ?? "")).toBe(await byEsbuild(source));
});

describe("leaves to esbuild", () => {
  test.each([
    "const { a } = require('a'); export const b = a;",
    "export const here = __dirname + __filename;",
    "export const here = import.meta.url;",
    "export const here = import . meta;",
    "export enum A { b }",
    "export namespace A { export const b = 1 }",
    "module A { export const b = 1 } export default A;",
    "export class A { accessor b = 1 }",
    "using a = b(); export default a;",
    "await using a = b(); export default a;",
    "@a export class B {}",
    "export class A { @b c() {} }",
    "export class A {@b() c = 1 }",
    "export default @a class {}",
    "export class A { constructor(private b: number) {} }",
    'import a from "./a.json" with { type: "json" }; a();',
    'export const a = import("./a.json", { with: { type: "json" } });',
    'import a = require("a"); a();',
    "import a = b.c; export default a;",
    "export = 1;",
    "export { a }; type a = 1;",
    'import { A } from "a"; export { A };',
    'import {} from "a"; export default 1;',
    "/** @jsx h */ export default 1;",
  ])("%s", (source) => {
    expect(transformInProcess("x.ts", source, "ts", options)).toBeNull();
  });

  test.each(["export const a = ;", "let a; let a; export {};", "export const f = () => { await 1 };"])(
    "an error: %s",
    (source) => {
      expect(transformInProcess("x.ts", source, "ts", options)).toBeNull();
    },
  );

  test("settings that change more than types", () => {
    const isTaken = (more: object, language: "ts" | "tsx" = "ts") =>
      transformInProcess(`x.${language}`, "export const a = 1;", language, { ...options, ...more }) !== null;
    expect(isTaken({})).toBe(true);
    expect(isTaken({ target: "ES2022" })).toBe(true);
    expect(isTaken({ target: "es2021" })).toBe(false);
    expect(isTaken({ target: "es2021", useDefineForClassFields: true })).toBe(true);
    expect(isTaken({ useDefineForClassFields: false })).toBe(false);
    expect(isTaken({ preserveValueImports: true })).toBe(false);
    expect(isTaken({ jsx: "react" })).toBe(true);
    expect(isTaken({ jsx: "react" }, "tsx")).toBe(false);
  });
});

test("keeps every import that is not of a type under verbatimModuleSyntax", async () => {
  const source = 'import { a, type B } from "x"; import "y"; import { type C } from "z"; export {};';
  expect(transformInProcess("x.ts", source, "ts", { ...options, verbatimModuleSyntax: true })).toBeNull();
  const made = transformInProcess("x.ts", source.replace(" export {};", ""), "ts", {
    ...options,
    verbatimModuleSyntax: true,
  });
  const { code } = await transform(source, {
    loader: "ts",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  const withoutEmptyList = (await canonical(code)).replace('import{}from"z"', 'import"z"');
  expect(await canonical(made?.code ?? "")).toBe(withoutEmptyList);
});
