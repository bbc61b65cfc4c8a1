import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { unzipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import { ProjectProblemsError } from "../../errors/project-errors.js";
import { readProject } from "../../project/read-project.js";
import { type TemporaryProject, temporaryProject } from "../../project/temporary-project.js";
import { bundleFunctions } from "../bundle-functions.js";
import { loadInNode } from "../load-in-node.js";
import { packageFunctions } from "./package-functions.js";

function project(files: Record<string, string | Buffer>): TemporaryProject {
  const made = temporaryProject({});
  onTestFinished(made.dispose);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(made.path(file)), { recursive: true });
    writeFileSync(made.path(file), content);
  }
  return made;
}

/** The zip of the queue "a": its files, by path, and what is warned of. */
async function packaged({ root }: TemporaryProject) {
  const reading = await readProject(root, { stage: "prod" });
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  const bundles = await bundleFunctions(reading.manifest, join(root, ".queue-run/build"));
  const [first] = await packageFunctions(bundles, reading.manifest);
  if (!first) throw new Error("There is no function");
  const files = unzipSync(first.zip);
  const packageFiles = Object.keys(files).filter((name) => name.startsWith("node_modules/"));
  return { ...first, files, packageFiles: packageFiles.sort() };
}

/** Unzips into a folder of its own and evaluates an expression of the function's module there. */
async function evaluate(files: Record<string, Uint8Array>, expression: string): Promise<unknown> {
  const folder = project(files as Record<string, Buffer>);
  return loadInNode(pathToFileURL(folder.path("index.mjs")).href, expression);
}

const CONFIG = (settings: object) => `export default ${JSON.stringify(settings)};`;
const JSON_OF = (value: object) => JSON.stringify(value);
const RUN = `module.handler({ Records: [{ messageId: "m", receiptHandle: "h", body: "x", messageAttributes: {}, attributes: {} }] },
  { awsRequestId: "r", getRemainingTimeInMillis: () => 60_000 }).then(() => globalThis.seen)`;

/** The start of a shared library for Linux. */
function elf(cpu: "arm64" | "x64", libc: "glibc" | "musl" = "glibc"): Buffer {
  const file = Buffer.alloc(128);
  file.writeUInt32BE(0x7f454c46, 0);
  file[5] = 1;
  file.writeUInt16LE(cpu === "arm64" ? 183 : 62, 18);
  file.write(libc === "musl" ? "libc.musl-x86_64.so.1" : "libc.so.6", 64);
  return file;
}

test("external packages are in the zip with what they need, in the versions that they need, and are found there", async () => {
  const made = project({
    "queue-run.config.ts": CONFIG({ external: ["heavy"] }),
    "queues/a.ts":
      'import heavy from "heavy"; import { light } from "light"; export default () => { globalThis.seen = [heavy(), light]; };',
    "node_modules/heavy/package.json": JSON_OF({ name: "heavy", main: "lib/index.js" }),
    "node_modules/heavy/lib/index.js":
      'const data = require("fs").readFileSync(require("path").join(__dirname, "data.txt"), "utf8"); module.exports = () => [data, require("dep").version, require("top")];',
    "node_modules/heavy/lib/data.txt": "data",
    "node_modules/heavy/README.md": "not needed",
    "node_modules/heavy/.env": "SECRET=1",
    "node_modules/heavy/node_modules/dep/package.json": JSON_OF({ name: "dep", version: "2.0.0" }),
    "node_modules/heavy/node_modules/dep/index.js": 'exports.version = "2, with " + require("top");',
    "node_modules/dep/package.json": JSON_OF({ name: "dep", version: "1.0.0" }),
    "node_modules/dep/index.js": 'exports.version = "1";',
    "node_modules/top/package.json": JSON_OF({ name: "top" }),
    "node_modules/top/index.js":
      'exports.version = require("dep").version; module.exports = "top on " + require("dep").version;',
    "node_modules/light/package.json": JSON_OF({ name: "light", type: "module", exports: "./index.js" }),
    "node_modules/light/index.js": 'export const light = "bundled";',
  });
  const { files, packageFiles, warnings } = await packaged(made);
  expect(warnings).toEqual([]);
  expect(packageFiles).toEqual([
    "node_modules/dep/index.js",
    "node_modules/dep/package.json",
    "node_modules/heavy/lib/data.txt",
    "node_modules/heavy/lib/index.js",
    "node_modules/heavy/package.json",
    "node_modules/top/index.js",
    "node_modules/top/node_modules/dep/index.js",
    "node_modules/top/node_modules/dep/package.json",
    "node_modules/top/package.json",
  ]);
  expect(await evaluate(files, RUN)).toEqual([["data", "2, with top on 1", "top on 1"], "bundled"]);
});

test("packages installed by links (pnpm), by an alias too, are real folders in the zip", async () => {
  const store = "node_modules/.pnpm";
  const made = project({
    "queue-run.config.ts": CONFIG({ external: ["heavy"] }),
    "queues/a.ts": 'import heavy from "heavy"; export default () => { globalThis.seen = heavy; };',
    [`${store}/heavy@1/node_modules/heavy/package.json`]: JSON_OF({ name: "heavy" }),
    [`${store}/heavy@1/node_modules/heavy/index.js`]: 'module.exports = "heavy on " + require("nickname");',
    [`${store}/dep@1/node_modules/dep/package.json`]: JSON_OF({ name: "dep" }),
    [`${store}/dep@1/node_modules/dep/index.js`]: 'module.exports = "dep";',
  });
  const link = (from: string, to: string) => symlinkSync(made.path(to), made.path(from), "junction");
  link("node_modules/heavy", `${store}/heavy@1/node_modules/heavy`);
  link(`${store}/heavy@1/node_modules/nickname`, `${store}/dep@1/node_modules/dep`);
  const { files, packageFiles } = await packaged(made);
  expect(packageFiles).toEqual(
    expect.arrayContaining(["node_modules/heavy/index.js", "node_modules/nickname/index.js"]),
  );
  expect(await evaluate(files, RUN)).toBe("heavy on dep");
});

test("what a package generated beside itself comes along, though it is no package", async () => {
  const made = project({
    "queue-run.config.ts": CONFIG({ external: ["client"] }),
    "queues/a.ts": 'import client from "client"; export default () => { globalThis.seen = client; };',
    "node_modules/client/package.json": JSON_OF({ name: "client" }),
    "node_modules/client/index.js": 'module.exports = require(".generated/client");',
    "node_modules/.generated/client/index.js": 'module.exports = "generated";',
  });
  const { files, packageFiles } = await packaged(made);
  expect(packageFiles).toEqual([
    "node_modules/.generated/client/index.js",
    "node_modules/client/index.js",
    "node_modules/client/package.json",
  ]);
  expect(await evaluate(files, RUN)).toBe("generated");
});

test("a package with native parts is never bundled, and comes with those of the functions' machine", async () => {
  const made = project({
    "queues/a.ts": 'import image from "wrapper"; export default () => { globalThis.seen = image; };',
    "node_modules/wrapper/package.json": JSON_OF({ name: "wrapper", type: "module", exports: "./index.js" }),
    "node_modules/wrapper/index.js": 'export { default } from "image";',
    "node_modules/image/package.json": JSON_OF({
      name: "image",
      optionalDependencies: {
        "@image/linux-arm64": "1",
        "@image/linux-x64": "1",
        "@image/linuxmusl-arm64": "1",
      },
    }),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a file
    "node_modules/image/index.js": "module.exports = require(`@image/${process.platform}-${process.arch}`);",
    ...platformPackage("@image/linux-arm64", { os: ["linux"], cpu: ["arm64"] }, elf("arm64")),
    ...platformPackage("@image/linux-x64", { os: ["linux"], cpu: ["x64"] }, elf("x64")),
    ...platformPackage(
      "@image/linuxmusl-arm64",
      { os: ["linux"], cpu: ["arm64"], libc: ["musl"] },
      elf("arm64", "musl"),
    ),
    "node_modules/codec/package.json": JSON_OF({ name: "codec", dependencies: { "node-gyp-build": "4" } }),
  });
  const { packageFiles, warnings, files } = await packaged(made);
  expect(warnings).toEqual([]);
  expect(packageFiles).toEqual([
    "node_modules/@image/linux-arm64/index.js",
    "node_modules/@image/linux-arm64/lib.node",
    "node_modules/@image/linux-arm64/package.json",
    "node_modules/image/index.js",
    "node_modules/image/package.json",
  ]);
  expect(Object.keys(files)).not.toContain("node_modules/wrapper/index.js");
});

test("prebuilt binaries are those of the functions' machine", async () => {
  const prebuilt = (platform: string, name: string, file: Buffer) => ({
    [`node_modules/codec/prebuilds/${platform}/${name}`]: file,
  });
  const made = project({
    "queue-run.config.ts": CONFIG({ architecture: "arm64" }),
    "queues/a.ts": 'import codec from "codec"; export default () => codec;',
    "node_modules/codec/package.json": JSON_OF({ name: "codec", dependencies: { "node-gyp-build": "4" } }),
    "node_modules/codec/index.js": 'module.exports = require("node-gyp-build")(__dirname);',
    "node_modules/node-gyp-build/package.json": JSON_OF({ name: "node-gyp-build" }),
    "node_modules/node-gyp-build/index.js": "module.exports = () => null; module.exports.path = () => '';",
    ...prebuilt("linux-arm64", "node.napi.glibc.node", elf("arm64")),
    ...prebuilt("linux-arm64", "node.napi.musl.node", elf("arm64", "musl")),
    ...prebuilt("linux-x64", "node.napi.node", elf("x64")),
    ...prebuilt("darwin-x64+arm64", "node.napi.node", Buffer.from("cafebabe", "hex")),
  });
  const { packageFiles, warnings } = await packaged(made);
  expect(warnings).toEqual([]);
  expect(packageFiles.filter((file) => file.endsWith(".node"))).toEqual([
    "node_modules/codec/prebuilds/linux-arm64/node.napi.glibc.node",
  ]);
});

test("native parts for another machine are warned of: which package, what is there, how to get the right one", async () => {
  const made = project({
    "queues/a.ts":
      'import image from "image"; import db from "database"; import own from "../own.node"; export default () => [image, db, own];',
    "own.node": elf("x64"),
    "node_modules/image/package.json": JSON_OF({
      name: "image",
      optionalDependencies: { "@image/linux-arm64": "1", "@image/linux-x64": "1" },
    }),
    "node_modules/image/index.js": "",
    ...platformPackage("@image/linux-x64", { os: ["linux"], cpu: ["x64"] }, elf("x64")),
    "node_modules/database/package.json": JSON_OF({ name: "database", gypfile: true }),
    "node_modules/database/index.js": 'module.exports = require("./build/Release/database.node");',
    "node_modules/database/build/Release/database.node": elf("x64", "musl"),
  });
  const { warnings } = await packaged(made);
  expect(warnings.map(({ code, file, message }) => [code, file, message])).toEqual([
    [
      "QR_NATIVE_PARTS_MISSING",
      "node_modules/image",
      expect.stringContaining(
        "none for linux-arm64, which the functions run on (installed: @image/linux-x64)",
      ),
    ],
    [
      "QR_NATIVE_PARTS_MISSING",
      "node_modules/database",
      expect.stringContaining("(installed: linux-x64 (musl))"),
    ],
    [
      "QR_NATIVE_PARTS_MISSING",
      expect.stringMatching(/^own-\w+\.node$/),
      expect.stringContaining("(installed: linux-x64)"),
    ],
  ]);
  expect(warnings[0]?.fix).toContain("npm install --no-save --force @image/linux-arm64@1 (");
});

test("an external package that is not installed is warned of where it is imported, not where code may do without it", async () => {
  const made = project({
    "queue-run.config.ts": CONFIG({ external: ["layer", "optional"] }),
    "queues/a.ts":
      'import layer from "layer"; let optional; try { optional = require("optional"); } catch {} export default () => [layer, optional];',
  });
  const { warnings } = await packaged(made);
  expect(warnings).toMatchObject([{ code: "QR_EXTERNAL_NOT_INSTALLED", file: "queues/a.ts" }]);
});

test("what AWS's SDK a project imports is bundled", async () => {
  const made = project({
    "queues/a.ts": 'import { S3Client } from "@aws-sdk/client-s3"; export default () => S3Client;',
    "node_modules/@aws-sdk/client-s3/package.json": JSON_OF({ name: "@aws-sdk/client-s3", main: "index.js" }),
    "node_modules/@aws-sdk/client-s3/index.js": 'exports.S3Client = "the whole client";',
  });
  const { files, packageFiles } = await packaged(made);
  expect(packageFiles).toEqual([]);
  expect(
    Object.values(files)
      .map((bytes) => Buffer.from(bytes).toString())
      .join(),
  ).toContain("the whole client");
});

function platformPackage(name: string, members: object, binary: Buffer): Record<string, string | Buffer> {
  return {
    [`node_modules/${name}/package.json`]: JSON_OF({ name, ...members }),
    [`node_modules/${name}/index.js`]: 'module.exports = require("./lib.node");',
    [`node_modules/${name}/lib.node`]: binary,
  };
}
