import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, onTestFinished, test, vi } from "vitest";
import { ProjectProblemsError } from "../../errors/project-errors.js";
import { readProject } from "../../project/read-project.js";
import { temporaryProject } from "../../project/temporary-project.js";
import { bundleFunctions } from "../bundle-functions.js";
import { packageFunctions } from "./package-functions.js";

async function packaged(
  files: Record<string, string>,
  { output = ".queue-run/build", limits = undefined as never } = {},
) {
  const project = temporaryProject(files);
  onTestFinished(project.dispose);
  const reading = await readProject(project.root, { stage: "prod" });
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  const bundles = await bundleFunctions(reading.manifest, join(project.root, output));
  return packageFunctions(bundles, reading.manifest, limits);
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("utf8");

const PROJECT = {
  "queues/emails.ts": `
    import { greet } from "#lib/greet.js";
    export default async function ({ name }: { name: string }) { console.log(greet(name), process.env.API_KEY); }
  `,
  "api/index.ts": "export const get = () => 'home';",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a file
  "lib/greet.ts": "export const greet = (name: string) => `Hello ${name}`;",
};

test("the same code has the same zip, wherever it is, wherever it was built, in any time zone", {
  timeout: 60_000,
}, async () => {
  const first = await packaged(PROJECT);
  const zone = process.env.TZ;
  process.env.TZ = "Pacific/Apia";
  const second = await packaged(PROJECT, { output: "somewhere/else" }).finally(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  expect(first.map(({ id, codeSha256 }) => [id, codeSha256])).toEqual(
    second.map(({ id, codeSha256 }) => [id, codeSha256]),
  );
  expect(new Set(first.map(({ codeSha256 }) => codeSha256)).size).toBe(2);
  const changed = await packaged({ ...PROJECT, "api/index.ts": "export const get = () => 'another home';" });
  expect(changed[1]?.codeSha256).toBe(first[1]?.codeSha256);
  expect(changed[0]?.codeSha256).not.toBe(first[0]?.codeSha256);
});

test("a zip has the handler at its root, and maps that name the project's files", async () => {
  const [api, emails] = await packaged(PROJECT);
  expect([api?.id, emails?.id]).toEqual(["api", "queue:emails"]);
  expect(emails).toMatchObject({
    handler: "index.handler",
    uses: { queues: expect.anything(), cancelsAny: false, usesSocket: false },
  });
  const files = unzipSync(emails?.zip ?? new Uint8Array());
  expect(Object.keys(files)).toContain("index.mjs");
  expect(emails?.bytes).toBe(emails?.zip.length);
  const maps = Object.keys(files).filter((name) => name.endsWith(".map"));
  const sources = maps.flatMap((name) => JSON.parse(text(files[name])).sources);
  expect(sources).toEqual(expect.arrayContaining(["queues/emails.ts", "lib/greet.ts"]));
});

test("a zip holds no file that the code does not reach, and no value of a variable", async () => {
  vi.stubEnv("API_KEY", "secret-of-the-shell");
  onTestFinished(() => void vi.unstubAllEnvs());
  const zips = await packaged({
    ...PROJECT,
    ".env": "API_KEY=secret-of-the-file\n",
    ".env.production": "API_KEY=secret-of-production\n",
    ".npmrc": "//registry.npmjs.org/:_authToken=secret-of-npm\n",
    "server.key": "-----BEGIN PRIVATE KEY-----\nsecret-of-the-server\n",
    "queues/emails.ts": `${PROJECT["queues/emails.ts"]}; export const mode = process.env.NODE_ENV + import.meta.env?.API_KEY;`,
  });
  for (const { zip } of zips) {
    const files = unzipSync(zip);
    expect(Object.keys(files).filter((name) => !/^[^/]+\.mjs(?:\.map)?$/.test(name))).toEqual([]);
    for (const bytes of Object.values(files)) expect(text(bytes)).not.toMatch(/secret-of/);
  }
  expect(
    Object.values(unzipSync(zips[1]?.zip ?? new Uint8Array()))
      .map(text)
      .join(),
  ).toContain("process.env.API_KEY");
});

test("code that Lambda would refuse is an error that names the largest files", async () => {
  const project = {
    ...PROJECT,
    "lib/words.txt": "many words ".repeat(30_000),
    "queues/emails.ts":
      'import words from "#lib/words.txt"; export default async function () { return words; }',
  };
  const limits = { zipBytes: 50_000_000, unzippedBytes: 250_000 } as never;
  await expect(packaged(project, { limits })).rejects.toMatchObject({
    code: "QR_ZIP_TOO_LARGE",
    message: expect.stringMatching(
      /^The code of queue:emails is 0\.\d MB unzipped, and Lambda takes 0\.2 MB\. .*unzipped: \S+\.mjs \(0\.\d MB\)/,
    ),
  });
  await expect(
    packaged(project, { limits: { zipBytes: 1_000, unzippedBytes: 250_000_000 } as never }),
  ).rejects.toMatchObject({
    details: { id: "api", kind: "zipped", limit: 1_000 },
  });
});
