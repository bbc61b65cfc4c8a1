import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { encode } from "@jridgewell/sourcemap-codec";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readProject } from "../project/read-project.js";
import { type TemporaryProject, temporaryProject } from "../project/temporary-project.js";
import { bundleFunctions } from "./bundle-functions.js";
import { bundledFolder } from "./bundle-options.js";
import type { FunctionBundle } from "./function-bundle.js";
import { loadInNode } from "./load-in-node.js";
import { withoutRuntimeMappings } from "./runtime-mappings.js";
import { runtimeFolder } from "./taken-modules.js";

/** A handler whose stack goes from its own code through the runtime's and back, and through a package's. */
const FILES = {
  "queues/emails.ts": `import { queues } from "queue-run";
import { call } from "caller";

export const queue = queues.self<number>();
export const config = { retries: 0 };
export default queue.handler(async () => {
  call(() => (globalThis.stack = new Error("here").stack));
});
`,
  "node_modules/caller/package.json": JSON.stringify({ name: "caller", type: "module", main: "index.js" }),
  "node_modules/caller/index.js": "\n\nexport function call(callee) {\n  return callee();\n}\n",
};

let project: TemporaryProject;
let bundle: FunctionBundle | undefined;
beforeAll(async () => {
  project = temporaryProject(FILES);
  const reading = await readProject(project.root, { stage: "prod" });
  if ("problems" in reading) throw new Error(reading.problems.map(({ message }) => message).join("\n"));
  [bundle] = await bundleFunctions(reading.manifest, project.path("out"));
}, 60_000);
afterAll(() => project.dispose());

test("maps name the files of the project and its packages, and none of the runtime's", () => {
  const maps = bundle?.files.filter((name) => name.endsWith(".map"));
  expect(maps).toEqual(["index.mjs.map"]);
  const { sources } = JSON.parse(readFileSync(`${bundle?.file}.map`, "utf8"));
  expect(sources.filter((source: string) => !source.startsWith("queue-run-"))).toEqual([
    "../../node_modules/caller/index.js",
    "../../queues/emails.ts",
  ]);
});

test("a stack's frames are found where they were written; the runtime's own stay as they are", async () => {
  const event = JSON.stringify({ Records: [RECORD] });
  const ran = `module.handler(${event}, ${CONTEXT}).then(() => globalThis.stack)`;
  // Node itself reads the map, as whoever sets NODE_OPTIONS has it.
  const stack = String(await loadInNode(pathToFileURL(bundle?.file ?? "").href, ran));
  const places = stack.split("\n").flatMap((line) => /([^/]+\/[^/]+:\d+):\d+\)?$/.exec(line)?.[1] ?? []);
  expect(places.slice(0, 3)).toEqual(["queues/emails.ts:7", "caller/index.js:4", "queues/emails.ts:7"]);
  expect(places.length).toBeGreaterThan(3);
  expect(places.slice(3).filter((place) => !place.startsWith("queue-emails/index.mjs:"))).toEqual([]);
});

test("what the runtime has between two files belongs to neither", () => {
  const bundled = bundledFolder(project.root);
  const map = {
    version: 3,
    sources: ["../../queues/a.ts", relative(bundled, join(runtimeFolder(), "index.js")), "../../queues/b.ts"],
    names: ["ours", "first", "second"],
    mappings: encode([[[0, 0, 4, 1, 1], [10, 1, 7, 0, 0], [20, 1, 8, 0], [30, 2, 5, 2, 2], [40]]]),
  };
  const path = join(bundled, "index.mjs.map");
  const text = JSON.stringify(map);
  const file = { path, hash: "", text, contents: Buffer.from(text) };
  const { outputFiles } = withoutRuntimeMappings({ ...NOTHING, outputFiles: [file] });
  const trimmed = JSON.parse(Buffer.from(outputFiles[0]?.contents ?? "").toString());
  expect(trimmed).toEqual({
    version: 3,
    sources: ["../../queues/a.ts", "../../queues/b.ts"],
    names: ["first", "second"],
    mappings: encode([[[0, 0, 4, 1, 0], [10], [30, 1, 5, 2, 1], [40]]]),
  });
});

const NOTHING = { errors: [], warnings: [], mangleCache: {}, metafile: { inputs: {}, outputs: {} } };
const RECORD = {
  messageId: "11111111-1111-4111-8111-111111111111",
  receiptHandle: "handle",
  body: "1",
  attributes: { ApproximateReceiveCount: "1", SentTimestamp: "0" },
  messageAttributes: {},
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:shop-prod-emails",
};
const CONTEXT = '{ awsRequestId: "request", functionVersion: "1", getRemainingTimeInMillis: () => 60_000 }';
