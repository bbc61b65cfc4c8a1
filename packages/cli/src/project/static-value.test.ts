import { expect, test } from "vitest";
import { readSourceFacts } from "./source-facts.js";

function config(source: string, runtimeOnly: string[] = []) {
  return readSourceFacts("queues/x.ts", source, new Set(runtimeOnly)).settings.config;
}

test.each([
  [
    "{ a: 1, b: 'two', c: true, d: null, e: [1, 'x'], f: { g: -5 } }",
    { a: 1, b: "two", c: true, d: null, e: [1, "x"], f: { g: -5 } },
  ],
  ["{ a: 60 * 5 + 2 ** 3, b: 10 / 4, c: 7 % 4, d: 5 - 3 }", { a: 308, b: 2.5, c: 3, d: 2 }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a file
  ["{ a: 'x' + 1, b: `${1 + 1}m`, c: `plain` }", { a: "x1", b: "2m", c: "plain" }],
  ["{ a: !true, b: ~1, c: +3, d: undefined }", { a: false, b: -2, c: 3, d: undefined }],
  ["({ a: 1 } as const)", { a: 1 }],
  ["{ a: 1 as number } satisfies Config", { a: 1 }],
  ["<Config>{ a: 1! }", { a: 1 }],
  ["{ ['a']: 1, 'b-c': 2, 3: 4 }", { a: 1, "b-c": 2, 3: 4 }],
])("reads %s without running it", (expression, value) => {
  const read = config(`export const config = ${expression};`);
  expect(read?.notStatic).toEqual([]);
  expect(read?.value).toEqual(value);
});

test("follows constants of the same file, wherever they stand", () => {
  const read = config(`
    export const config: QueueConfig = { ...base, timeout: MINUTES * 60, retries: LIMITS.retries, list: [...LIST] };
    const MINUTES = 5;
    const LIMITS = { retries: 3 } as const;
    const LIST = ["a", "b"];
    const base = { backoff: "none", retries: 1 };
  `);
  expect(read?.notStatic).toEqual([]);
  expect(read?.value).toEqual({ backoff: "none", retries: 3, timeout: 300, list: ["a", "b"] });
});

test.each([
  ["export { settings as config }; const settings = { a: 1 };"],
  ["const settings = { a: 1 }; export const config = settings;"],
  ["const config = { a: 1 }; export { config };"],
  ["exports.config = { a: 1 };"],
  ["module.exports = { config: { a: 1 } };"],
  ["const config = { a: 1 }; module.exports = { config };"],
  ["module.exports.config = { a: 1 };"],
])("finds the setting in %s", (source) => {
  expect(config(source)?.value).toEqual({ a: 1 });
});

test.each([
  ["{ a: Number(process.env.N) }", "a", "a call of a function"],
  ["{ a: { b: process.env.N } }", "a.b", "not a constant of this file"],
  ["{ a: flag ? 1 : 2 }", "a", "a choice made at run time"],
  ["{ a: 1 ?? 2 }", "a", "a choice made at run time"],
  ["{ a: () => 1 }", "a", "a function"],
  ["{ a() {} }", "a", "a method"],
  ["{ get a() { return 1 } }", "a", "a method"],
  ["{ a: [1, f()] }", "a[1]", "a call of a function"],
  ["{ a: changing }", "a", "a variable that may change"],
  ["{ a: imported }", "a", "imported"],
  ["{ a: self }", "a", "made from itself"],
  ["{ a: 10n }", "a", "a bigint"],
  ["{ a: /x/ }", "a", "a regular expression"],
  ["{ a: 'x' * 2 }", "a", "the operator *"],
  ["{ a: 1 / 0 }", "a", "not finite"],
  ["{ a: LIMITS.nope }", "a", "a member that is not there"],
  ["{ a: LIMITS.toString }", "a", "a member that is not there"],
  ["{ ...spread() }", "", "a call of a function"],
  ["await load()", "", "something awaited"],
  ["makeConfig()", "", "a call of a function"],
])("refuses %s, saying which member and why", (expression, path, found) => {
  const read = config(
    `import { imported } from "./other.js";\nlet changing = 1;\nconst self = self + 1;\nconst LIMITS = { x: 1 };\nexport const config = ${expression};`,
  );
  expect(read?.notStatic).toHaveLength(1);
  expect(read?.notStatic[0]).toMatchObject({ path, at: { line: 5 } });
  expect(read?.notStatic[0]?.found).toContain(found);
});

test("says where in the file a constant is used, not where it is made", () => {
  const read = config("const seconds = Date.now();\n\nexport const config = {\n  timeout: seconds,\n};");
  expect(read?.notStatic[0]).toMatchObject({ path: "timeout", at: { line: 4, column: 12 } });
});

test("tells where each member stands", () => {
  const read = config("export const config = {\n  timeout: 5,\n  limits: {\n    hops: 3 },\n};");
  expect(read?.positions).toMatchObject({
    timeout: { line: 2, column: 3 },
    "limits.hops": { line: 4, column: 5 },
  });
});

test("leaves members alone that are used at run time only", () => {
  const read = config("export const config = { cache: () => 60, etag: make(), timeout: 5 };", [
    "cache",
    "etag",
  ]);
  expect(read).toMatchObject({ value: { timeout: 5 }, notStatic: [] });
});

test("cannot be made to change an object's prototype", () => {
  const read = config('export const config = { ["__proto__"]: { polluted: true } };');
  expect(Object.getPrototypeOf(read?.value)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("reports a setting that another file makes", () => {
  for (const source of [
    'export { config } from "./shared.js";',
    'import { config } from "./shared.js"; export { config };',
  ]) {
    expect(config(source)?.notStatic).toHaveLength(1);
  }
});
