import { expect, test } from "vitest";
import { readSourceFacts } from "./source-facts.js";

function exportsOf(source: string, file = "queues/x.ts") {
  return Object.fromEntries(
    readSourceFacts(file, source, new Set()).exports.map(({ name, kind }) => [name, kind]),
  );
}

test("knows functions from values", () => {
  expect(
    exportsOf(`
      export default async function () {}
      export function a() {}
      export const b = async () => {};
      export const c = function () {};
      export const d = queue.handler(async () => {});
      export const e = 5, f = "text", g = {}, h = [], i = new Map(), j = class {};
      export class K {}
      export const l = wrap(() => {});
      export const m = b;
      export const queue = queues.self();
      export function* n() {}
    `),
  ).toEqual({
    default: "function",
    a: "function",
    b: "function",
    c: "function",
    d: "function",
    e: "value",
    f: "value",
    g: "value",
    h: "value",
    i: "value",
    j: "value",
    K: "value",
    l: "unknown",
    m: "function",
    queue: "unknown",
    n: "value",
  });
});

test("leaves types out", () => {
  expect(
    exportsOf(
      "export type A = 1; export interface B {} type C = 2; export { type C }; export type { D } from './d.js'; export const e = 1;",
    ),
  ).toEqual({ e: "value" });
});

test.each([
  ["export type { A } from './a.js'; export const b = 1;", ["b"]],
  ["export type * from './a.js'; export const b = 1;", ["b"]],
  ["import { A } from './a.js'; export { c, type A }; const c = 1;", ["c"]],
  ["export {\n  type A,\n  d,\n} from './a.js';", ["d"]],
  ["export declare function e(): void; export abstract class F {} export enum G { A }", ["e", "F", "G"]],
])("tells types from values: %s", (source, names) => {
  const facts = readSourceFacts("queues/x.ts", source, new Set());
  expect(facts.exports.map(({ name }) => name)).toEqual(names);
  expect(facts.starExports).toEqual([]);
});

test("follows renamed exports, and says that another file's are unknown", () => {
  expect(
    exportsOf(
      "const a = () => {}; export { a as b, a as default }; export { c as d } from './c.js'; export * as e from './e.js';",
    ),
  ).toEqual({
    b: "function",
    default: "function",
    d: "unknown",
    e: "unknown",
  });
});

test("notes export * from, whose names cannot be known", () => {
  const facts = readSourceFacts(
    "queues/x.ts",
    "export default () => {};\nexport * from './more.js';",
    new Set(),
  );
  expect(facts.starExports).toEqual([{ line: 2, column: 1 }]);
});

test.each([
  ["module.exports = async function () {};", { default: "function" }],
  ["module.exports = async () => {}; module.exports.config = {};", { default: "function", config: "value" }],
  ["exports.get = () => {}; exports.config = {};", { get: "function", config: "value" }],
  ["module.exports = { get() {}, post: async () => {} };", { get: "function", post: "function" }],
  ["exports.a = exports.b = () => {};", { a: "function", b: "function" }],
  [
    'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = handler; async function handler() {}',
    { default: "function" },
  ],
])("reads CommonJS: %s", (source, names) => {
  expect(readSourceFacts("queues/x.js", source, new Set()).commonJs).toBe(true);
  expect(exportsOf(source, "queues/x.js")).toEqual(names);
});

test("recognises references to queues, however they are made", () => {
  const facts = readSourceFacts(
    "api/x.ts",
    `
    import { queues as all } from "queue-run";
    import * as run from "queue-run";
    import { queue, queue as renamed } from "#queues/jobs.fifo.js";
    import * as file from "../queues/emails.js";
    const local = all("emails").delay("5m");
    export const a = all("emails").http;
    export const b = all.get<string>("emails").http;
    export const c = local.http;
    export const d = renamed.group("all").dedupe("x").http;
    export const e = queue.http;
    export const f = file.queue.statusHttp;
    export const g = run.queues("emails").http;
    export const h = somethingElse.http;
    export const i = queue.http as unknown;
    `,
    new Set(),
  );
  const found = Object.fromEntries(facts.exports.map(({ name, queue }) => [name, queue]));
  const emails = { member: "http", reference: { from: { name: "emails" }, grouped: false } };
  const jobs = {
    member: "http",
    reference: { from: { specifier: "#queues/jobs.fifo.js", imported: "queue" }, grouped: false },
  };
  expect(found).toEqual({
    a: emails,
    b: emails,
    c: emails,
    d: { ...jobs, reference: { ...jobs.reference, grouped: true } },
    e: jobs,
    f: {
      member: "statusHttp",
      reference: { from: { specifier: "../queues/emails.js", imported: "queue" }, grouped: false },
    },
    g: emails,
    h: null,
    i: jobs,
  });
});

test("recognises references in CommonJS", () => {
  const facts = readSourceFacts(
    "api/x.js",
    `const { queues } = require("queue-run"); const { queue: jobs } = require("#queues/jobs.js");
     exports.post = queues("emails").http; exports.put = jobs.http;`,
    new Set(),
  );
  expect(facts.exports.map(({ queue }) => queue?.reference.from)).toEqual([
    { name: "emails" },
    { specifier: "#queues/jobs.js", imported: "queue" },
  ]);
});

test("says where a syntax error is", () => {
  const { syntaxError } = readSourceFacts(
    "api/x.ts",
    "export const get = () => {\n  return 1 +;\n};\n",
    new Set(),
  );
  expect(syntaxError?.at).toEqual({ line: 2, column: 13 });
});

test("counts columns in characters, past emoji and accents", () => {
  const { exports } = readSourceFacts("queues/x.ts", "/* 🙂é */ export const a = 1;", new Set());
  expect(exports[0]?.at).toEqual({ line: 1, column: 24 });
});
