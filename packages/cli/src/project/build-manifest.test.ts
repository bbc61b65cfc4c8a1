import { describe, expect, test } from "vitest";
import { manifestOf, problemsOf, understandFiles } from "./understand-files.js";

const HANDLER = "export default async function () {}";
const GET = "export const get = () => 'ok';";

/** "file:line code" of each problem. */
function found(files: Record<string, string>): string[] {
  return problemsOf(files).map(({ file, line, code }) =>
    line === null ? `${file} ${code}` : `${file}:${line} ${code}`,
  );
}

describe("what is what", () => {
  test("routes, queues, schedules, the socket and index.ts", () => {
    const manifest = manifestOf({
      "index.ts": "export function warmup() {}",
      "api/index.ts": GET,
      "api/orders/[id].tsx": GET,
      "api/reports/[...rest].mts": GET,
      "api/feed.xml.ts": GET,
      "api/orders.[format].ts": GET,
      "queues/emails.ts": HANDLER,
      "queues/update_profile.fifo.js": HANDLER,
      "schedules/daily.ts": `export const schedule = "daily"; ${HANDLER}`,
      "socket/index.ts": HANDLER,
      "socket/_middleware.ts": "export const onConnect = () => {};",
    });
    expect(manifest.routes.map(({ path }) => path).sort()).toEqual([
      "/",
      "/feed.xml",
      "/orders.[format]",
      "/orders/[id]",
      "/reports/[...rest]",
    ]);
    expect(manifest.queues.map(({ name, fifo }) => [name, fifo])).toEqual([
      ["emails", false],
      ["update_profile.fifo", true],
    ]);
    expect(manifest).toMatchObject({
      name: "project",
      index: "index.ts",
      schedules: [{ name: "daily", file: "schedules/daily.ts" }],
      socket: { file: "socket/index.ts", middleware: "socket/_middleware.ts" },
    });
  });

  test("files that are none of these are left alone", () => {
    const manifest = manifestOf({
      "queues/emails.ts": HANDLER,
      "queues/_shared.ts": "export const x = 1;",
      "queues/sub/_shared.ts": "",
      "queues/emails.test.ts": "",
      "queues/emails.spec.tsx": "",
      "queues/types.d.ts": "",
      "queues/README.md": "",
      "queues/.DS_Store": "",
      "api/data.json": "{}",
      "api/_shared.ts": "",
      "lib/store.ts": "",
    });
    expect(manifest.queues.map(({ name }) => name)).toEqual(["emails"]);
    expect(manifest.routes).toEqual([]);
  });

  test("the middleware of a route, nearest first", () => {
    const manifest = manifestOf({
      "api/_middleware.ts": "export const onError = () => {};",
      "api/admin/_middleware.ts": "export const authenticate = () => null;",
      "api/admin/users/index.ts": GET,
      "api/open.ts": GET,
    });
    expect(Object.fromEntries(manifest.routes.map(({ path, middleware }) => [path, middleware]))).toEqual({
      "/admin/users": ["api/admin/_middleware.ts", "api/_middleware.ts"],
      "/open": ["api/_middleware.ts"],
    });
  });

  test("the jobs of a queue", () => {
    const { queues } = manifestOf({
      "queues/a.ts": `export const queue = queues.self(); export const config = {}; export const LIMIT = 5;
        export async function processUser() {} export const sendMail = async () => {}; export { other } from "./_jobs.js";
        ${HANDLER}`,
      "queues/b.ts": "export async function batch(jobs) {}",
      "queues/c.ts": "export async function onlyNamed() {}",
    });
    expect(queues.map(({ jobs, batch }) => [jobs, batch])).toEqual([
      [["default", "processUser", "sendMail", "other"], false],
      [["default"], true],
      [["onlyNamed"], false],
    ]);
  });
});

describe("problems", () => {
  test("nothing to run", () => {
    expect(found({ "lib/x.ts": "" })).toEqual([". QR_NOTHING_TO_RUN"]);
  });

  test("two files for one route, by what they answer", () => {
    expect(
      found({
        "api/a.ts": GET,
        "api/a.js": GET,
        "api/b.ts": GET,
        "api/b/index.ts": GET,
        "api/c/[id].ts": GET,
        "api/c/[name].ts": GET,
        "api/c/[...rest].ts": GET,
        "api/d/[id].[format].ts": GET,
        "api/d/[id].ts": GET,
      }),
    ).toEqual([
      "api/a.ts QR_DUPLICATE_ROUTE",
      "api/b/index.ts QR_DUPLICATE_ROUTE",
      "api/c/[name].ts QR_DUPLICATE_ROUTE",
    ]);
  });

  test("paths that cannot be routes", () => {
    expect(
      found({
        "api/[].ts": GET,
        "api/[...a]/b.ts": GET,
        "api/[id]/[id].ts": GET,
        "api/_queue-run/x.ts": GET,
      }),
    ).toEqual([
      "api/[...a]/b.ts QR_INVALID_ROUTE",
      "api/[].ts QR_INVALID_ROUTE",
      "api/[id]/[id].ts QR_INVALID_ROUTE",
      "api/_queue-run/x.ts QR_RESERVED_ROUTE",
    ]);
  });

  test("queues that would share a name", () => {
    expect(
      found({
        "queues/a.ts": HANDLER,
        "queues/a.js": HANDLER,
        "queues/x.fifo.ts": HANDLER,
        "queues/x-fifo.ts": HANDLER,
        "queues/y-dlq.ts": HANDLER,
        "queues/z-dlq.fifo.ts": HANDLER,
      }),
    ).toEqual([
      "queues/a.ts QR_DUPLICATE_QUEUE",
      "queues/x.fifo.ts QR_DUPLICATE_PHYSICAL_NAME",
      "queues/y-dlq.ts QR_INVALID_QUEUE_NAME",
      "queues/z-dlq.fifo.ts QR_INVALID_QUEUE_NAME",
    ]);
  });

  test("names that SQS refuses", () => {
    const long = "x".repeat(81);
    expect(
      found({
        "queues/two words.ts": HANDLER,
        "queues/a.b.ts": HANDLER,
        [`queues/${long}.ts`]: HANDLER,
        "queues/é.ts": HANDLER,
      }),
    ).toEqual(
      ["queues/a.b.ts", "queues/two words.ts", `queues/${long}.ts`, "queues/é.ts"].map(
        (file) => `${file} QR_INVALID_QUEUE_NAME`,
      ),
    );
    expect(found({ [`queues/${"x".repeat(75)}.fifo.ts`]: HANDLER })).toEqual([]);
  });

  test("files in subfolders of queues/ and schedules/", () => {
    expect(
      found({ "queues/mail/send.ts": HANDLER, "queues/mail/data.json": "{}", "schedules/x/y.ts": HANDLER }),
    ).toEqual([
      "queues/mail/data.json QR_MISPLACED_FILE",
      "queues/mail/send.ts QR_MISPLACED_FILE",
      "schedules/x/y.ts QR_MISPLACED_FILE",
    ]);
  });

  test("files that handle nothing", () => {
    expect(
      found({
        "queues/a.ts": "",
        "queues/b.ts": "export const config = { retries: 1 };",
        "queues/c.ts": "export default { timeout: 5 };",
        "queues/d.ts": `${HANDLER} export async function batch() {}`,
        "queues/e.ts": "export * from './_e.js';",
        "api/a.ts": "export const config = {};",
        "api/b.ts": "export const GET = () => 1;",
        "api/c.ts": "export * from './_c.js';",
        "api/d.ts": "export const del = () => 1; const x = () => 2; export { x as delete };",
      }),
    ).toEqual([
      "api/a.ts QR_NO_HANDLER",
      "api/b.ts:1 QR_NO_HANDLER",
      "api/c.ts:1 QR_STAR_EXPORT",
      "api/d.ts QR_DUPLICATE_METHOD",
      "queues/a.ts QR_NO_HANDLER",
      "queues/b.ts QR_NO_HANDLER",
      "queues/c.ts:1 QR_NOT_A_HANDLER",
      "queues/d.ts:1 QR_BATCH_AND_DEFAULT",
      "queues/e.ts:1 QR_STAR_EXPORT",
    ]);
    expect(problemsOf({ "api/b.ts": "export const GET = () => 1;" })[0]?.fix).toContain("get");
  });

  test("two files that claim one place", () => {
    expect(
      found({
        "index.ts": "",
        "index.js": "",
        "queues/a.ts": HANDLER,
        "api/_middleware.ts": "",
        "api/_middleware.js": "",
      }),
    ).toEqual(["api/_middleware.ts QR_DUPLICATE_FILE", "index.ts QR_DUPLICATE_FILE"]);
  });

  test("syntax, with every other problem of the project", () => {
    expect(
      found({
        "api/x.ts": "export const get = () => {\n  return 1 +;\n};",
        "queues/a.ts": "",
        "queues/b b.ts": HANDLER,
      }),
    ).toEqual([
      "api/x.ts:2 QR_SYNTAX_ERROR",
      "queues/a.ts QR_NO_HANDLER",
      "queues/b b.ts QR_INVALID_QUEUE_NAME",
    ]);
  });

  test("each says what to do", () => {
    for (const { message, fix } of problemsOf({
      "queues/a b.ts": "",
      "api/[].ts": "",
      "queues/x/y.ts": "",
    })) {
      expect(message).toMatch(/[.?]$/);
      expect(fix).toMatch(/[.?]$/);
    }
  });
});

describe("queue.http", () => {
  const fifo =
    'import { queues } from "queue-run"; export const queue = queues.self.fifo(); export default queue.handler(() => {});';
  const post = 'import { queue } from "#queues/jobs.fifo.js";\nexport const post = queue.http;';

  test("of a FIFO queue needs [group] in the path", () => {
    const files = { "queues/jobs.fifo.ts": fifo, "api/jobs.ts": post };
    expect(found(files)).toEqual(["api/jobs.ts:2 QR_GROUP_REQUIRED"]);
    expect(problemsOf(files)[0]?.fix).toContain("api/jobs/[group].ts");
  });

  test.each([
    ["api/jobs/[group].ts", post],
    ["api/[group]/[dedupe].ts", post],
    [
      "api/jobs.ts",
      'import { queue } from "../queues/jobs.fifo.js"; export const post = queue.group("all").http;',
    ],
    ["api/jobs.ts", 'import { grouped } from "#/queues/jobs.fifo.js"; export const post = grouped.http;'],
    ["api/jobs.ts", "import { lost } from '#lib/queues.js'; export const post = lost.http;"],
  ])("is right in %s", (file, source) => {
    const queue = `${fifo} export const grouped = queue.group("one");`;
    expect(found({ "queues/jobs.fifo.ts": queue, [file]: source })).toEqual([]);
  });

  test("of a queue that is not there names the nearest", () => {
    const files = {
      "queues/emails.ts": HANDLER,
      "api/x.ts": 'import { queues } from "queue-run"; export const post = queues("email").http;',
    };
    expect(found(files)).toEqual(["api/x.ts:1 QR_QUEUE_NOT_FOUND"]);
    expect(problemsOf(files)[0]?.fix).toBe("Did you mean emails?");
  });

  test("of a queue that cannot be parsed is not missing", () => {
    const files = { "queues/jobs.fifo.ts": "export default (", "api/x.ts": post };
    expect(found(files)).toEqual(["queues/jobs.fifo.ts:1 QR_SYNTAX_ERROR"]);
  });

  test("statusHttp needs a tracked queue", () => {
    const queue =
      'import { queues } from "queue-run"; export const queue = queues.self(); export default () => {};';
    const files = {
      "queues/a.ts": queue,
      "api/[jobId].ts": 'import { queue } from "#queues/a.js"; export const get = queue.statusHttp;',
    };
    expect(found(files)).toEqual(["api/[jobId].ts:1 QR_NOT_TRACKED"]);
  });
});

describe("the socket", () => {
  test("is socket/index.ts, its middleware, and settings that are read without running it", () => {
    const reading = understandFiles({
      "socket/index.ts": `${HANDLER}\nexport const config = { timeout: "5s", memory: "1GB" };`,
      "socket/_middleware.ts": "export const authenticate = () => null;",
    });
    expect("manifest" in reading && reading.manifest.socket).toEqual({
      file: "socket/index.ts",
      middleware: "socket/_middleware.ts",
      settings: { timeoutSeconds: 5, memoryMegabytes: 1024, permissions: [] },
    });
  });

  test.each([
    [{ "socket/index.ts": "export const a = 1;" }, "QR_NO_HANDLER"],
    [{ "socket/index.ts": "export default 5;" }, "QR_NOT_A_HANDLER"],
    [{ "socket/_middleware.ts": "export const onConnect = () => {};" }, "QR_NO_HANDLER"],
    [{ "socket/index.ts": `${HANDLER}\nexport const config = { timeout: 30 };` }, "QR_INVALID_CONFIG"],
    [{ "socket/index.ts": `${HANDLER}\nexport const config = { retries: 1 };` }, "QR_INVALID_CONFIG"],
  ])("%j: %s", (files, code) => {
    const reading = understandFiles(files as Record<string, string>);
    expect("problems" in reading && reading.problems.map((problem) => problem.code)).toEqual([code]);
  });
});
