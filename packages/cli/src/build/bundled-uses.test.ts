import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../project/manifest.js";
import { readProject } from "../project/read-project.js";
import { type TemporaryProject, temporaryProject } from "../project/temporary-project.js";
import { bundleFunctions } from "./bundle-functions.js";
import type { FunctionBundle } from "./function-bundle.js";
import type { SendTargets } from "./source-uses.js";

const FILES = {
  "queues/emails.ts":
    'import { queues } from "queue-run"; export const queue = queues.self<string>(); export default () => {};',
  "queues/imports.ts":
    'import { queue } from "#queues/emails.js"; export default async () => { await queue.push("x"); };',
  "queues/names.ts": 'import { queues } from "queue-run"; export default () => queues("alone").push(1);',
  "queues/alone.ts": "export default () => {};",
  "queues/types.ts":
    'import type { queue } from "#queues/emails.js"; export type Q = typeof queue; export default () => {};',
  "queues/barrel.ts":
    'import { queues } from "#lib/barrel.js"; export default () => queues("emails").push("x");',
  "queues/package.ts": 'import { send } from "sender"; export default () => send("emails");',
  "queues/later.ts":
    'export default async () => { const { queue } = await import("#queues/emails.js"); await queue.push("x"); };',
  "api/index.ts": 'import { queue } from "#queues/emails.js"; export const post = queue.http;',
  "lib/barrel.ts": 'export { queues } from "queue-run";',
  "node_modules/sender/package.json": JSON.stringify({ name: "sender", type: "module", main: "index.js" }),
  "node_modules/sender/index.js":
    'import { queues } from "queue-run"; export const send = (name) => queues(name).push(1);',
};

let project: TemporaryProject;
let manifest: Manifest;
let bundles: FunctionBundle[];
beforeAll(async () => {
  project = temporaryProject(FILES);
  const reading = await readProject(project.root, { stage: "prod" });
  if ("problems" in reading) throw new Error(reading.problems.map(({ message }) => message).join("\n"));
  manifest = reading.manifest;
  bundles = await bundleFunctions(manifest, project.path(".queue-run/build"));
}, 60_000);
afterAll(() => project.dispose());

function targets(id: string): SendTargets | undefined {
  return bundles.find((each) => each.id === id)?.uses.queues;
}

test.each<[string, string[]]>([
  ["queue:emails", ["emails"]],
  ["queue:imports", ["emails"]],
  ["queue:names", ["alone"]],
  ["queue:alone", []],
  ["queue:types", []],
  ["queue:later", ["emails"]],
  ["api", ["emails"]],
])("the function %s can push to %j", (id, names) => {
  expect(targets(id)).toEqual(new Set(names));
});

test.each(["queue:barrel", "queue:package"])("of the function %s it is not known", (id) => {
  expect(targets(id)).toBe("all");
});

describe("a function knows of the queues that it can have to do with", () => {
  const known = (id: string) => {
    const [line = ""] = readFileSync(bundles.find((each) => each.id === id)?.file ?? "", "utf8").split("\n");
    const [, list = "[]"] = /^const queueRunQueues=(\[.*?\]);/.exec(line) ?? [];
    return JSON.parse(list).map(({ name }: { name: string }) => name);
  };

  test.each<[string, string[]]>([
    ["queue:emails", ["emails"]],
    ["queue:imports", ["emails", "imports"]],
    ["queue:alone", ["alone"]],
    ["api", ["emails"]],
  ])("%s of %j", (id, names) => {
    expect(known(id).sort()).toEqual(names);
  });

  test("of all, where that is not known", () => {
    expect(known("queue:barrel")).toHaveLength(manifest.queues.length);
  });

  test("so that a queue more changes the code of those alone that use it", async () => {
    const before = new Map(bundles.map(({ id, file }) => [id, readFileSync(file, "utf8")]));
    const queue = manifest.queues.find(({ name }) => name === "alone");
    if (!queue) throw new Error("The project has no such queue.");
    const more = { ...manifest, queues: [...manifest.queues, { ...queue, name: "another" }] };
    const after = await bundleFunctions(more, project.path(".queue-run/build-of-more"));
    const changed = after.flatMap(({ id, file }) =>
      before.get(id) === readFileSync(file, "utf8") ? [] : [id],
    );
    expect(changed.sort()).toEqual(["queue:another", "queue:barrel", "queue:package"]);
  }, 60_000);
});
