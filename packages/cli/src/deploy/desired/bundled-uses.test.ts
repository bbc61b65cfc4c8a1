import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleFunctions, type FunctionBundle } from "../../build/bundle-functions.js";
import type { Manifest } from "../../project/manifest.js";
import { readIfThere } from "../../project/output-folder.js";
import { readProject } from "../../project/read-project.js";
import { type TemporaryProject, temporaryProject } from "../../project/temporary-project.js";
import type { SendTargets } from "./send-targets.js";
import { sourceUsesOf } from "./source-uses.js";

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
  const read = (file: string) => readIfThere(join(manifest.root, file));
  const bundle = bundles.find((each) => each.id === id);
  return bundle && sourceUsesOf(manifest.queues, read)(bundle.inputs).queues;
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
