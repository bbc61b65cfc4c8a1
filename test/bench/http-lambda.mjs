/**
 * HTTP on Lambda: the API's entry point against hono/aws-lambda, both bundled as deploy would bundle them. Cold: a new
 * process each time, alternating, from import to the first answer. Warm: one process, alternating rounds.
 *
 *   node test/bench/http-lambda.mjs [rounds]
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROUTES = 50;
const WARM_EVENTS = 20_000;
const rounds = Number(process.argv[2] ?? 15);
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const folder = mkdtempSync(join(tmpdir(), "http-lambda-"));

const settings = `{ accepts: null, methods: null, cors: true, timeoutSeconds: 10, maxBodyBytes: 1048576 }`;
const sources = {
  "queue-run": `
    import { createHttpHandler } from "@queue-run/runtime/lambda/http";
    const route = { get: ({ params, query }) => ({ id: params.id, query }), post: ({ body, params }) => ({ id: params.id, name: body.name }) };
    const routes = Array.from({ length: ${ROUTES} }, (_, n) => ({
      path: "/r" + n + "/items/[id]", file: "r" + n, exports: ["get", "post"], settings: ${settings}, middleware: [],
    }));
    export const handler = createHttpHandler({ routes, load: async () => route });`,
  "hono/aws-lambda": `
    import { Hono } from "hono";
    import { handle } from "hono/aws-lambda";
    const app = new Hono();
    for (let n = 0; n < ${ROUTES}; n++) {
      app.get("/r" + n + "/items/:id", (c) => c.json({ id: c.req.param("id"), query: c.req.query() }));
      app.post("/r" + n + "/items/:id", async (c) => c.json({ id: c.req.param("id"), name: (await c.req.json()).name }));
    }
    export const handler = handle(app);`,
  "empty module": "export const handler = async () => ({ statusCode: 200 });",
};

const events = `
  const event = (method, body) => ({
    version: "2.0", routeKey: "$default", rawPath: "/r7/items/a%20b", rawQueryString: "page=2&tag=x&tag=y", cookies: ["session=abc"],
    headers: {
      host: "abc.lambda-url.us-east-1.on.aws", accept: "*/*", "user-agent": "bench", "x-forwarded-proto": "https", "x-forwarded-for": "1.2.3.4",
      "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793", ...(body ? { "content-type": "application/json" } : {}),
    },
    requestContext: {
      accountId: "anonymous", apiId: "abc", domainName: "abc.lambda-url.us-east-1.on.aws", domainPrefix: "abc",
      http: { method, path: "/r7/items/a%20b", protocol: "HTTP/1.1", sourceIp: "1.2.3.4", userAgent: "bench" },
      requestId: "e1506fd5-9e7b-434f-bd42-4f8fa224b599", routeKey: "$default", stage: "$default", time: "22/Nov/2026:07:30:00 +0000", timeEpoch: 1795000000000,
    },
    ...(body ? { body } : {}), isBase64Encoded: false,
  });
  const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 30000 };
  const post = event("POST", '{"name":"bench"}');
  const get = event("GET");`;

const cold = `${events}
  const started = performance.now();
  const { handler } = await import(process.argv[2]);
  const imported = performance.now();
  await handler(post, context);
  const first = performance.now();
  console.log(JSON.stringify([imported - started, first - imported]));`;

const warm = `${events}
  const names = JSON.parse(process.argv[2]);
  const handlers = await Promise.all(names.map(async ([, url]) => (await import(url)).handler));
  const best = names.map(() => ({ get: Infinity, post: Infinity }));
  for (let round = 0; round < 8; round++) {
    for (const [index, handler] of handlers.entries()) {
      for (const [kind, event] of [["get", get], ["post", post]]) {
        const before = process.cpuUsage();
        for (let n = 0; n < ${WARM_EVENTS}; n++) await handler(event, context);
        const { user, system } = process.cpuUsage(before);
        best[index][kind] = Math.min(best[index][kind], (user + system) / ${WARM_EVENTS});
      }
    }
  }
  console.log(JSON.stringify(best));`;

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

try {
  writeFileSync(join(folder, "cold.mjs"), cold);
  writeFileSync(join(folder, "warm.mjs"), warm);
  const bundles = [];
  for (const [name, contents] of Object.entries(sources)) {
    const outdir = join(folder, name.replaceAll("/", "-"));
    mkdirSync(outdir);
    await build({
      stdin: { contents, resolveDir: join(root, "packages/queue-run"), loader: "js" },
      outfile: undefined,
      outdir,
      entryNames: "index",
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      platform: "node",
      target: "node20",
      conditions: ["queue-run:source"],
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      logLevel: "error",
    });
    const main = readdirSync(outdir).find((file) => file === "index.mjs" || file === "stdin.mjs");
    bundles.push({
      name,
      url: pathToFileURL(join(outdir, main)).href,
      bytes: statSync(join(outdir, main)).size,
    });
  }

  const colds = bundles.map(() => ({ imported: [], first: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, { url }] of bundles.entries()) {
      const [imported, first] = JSON.parse(
        execFileSync(process.execPath, [join(folder, "cold.mjs"), url], { encoding: "utf8" }),
      );
      colds[index].imported.push(imported);
      colds[index].first.push(first);
    }
  }
  const argument = JSON.stringify(bundles.map(({ name, url }) => [name, url]));
  const warms = JSON.parse(
    execFileSync(process.execPath, [join(folder, "warm.mjs"), argument], { encoding: "utf8" }),
  );

  console.table(
    Object.fromEntries(
      bundles.map(({ name, bytes }, index) => [
        name,
        {
          "bundle KB": (bytes / 1024).toFixed(1),
          "import ms": median(colds[index].imported).toFixed(2),
          "first event ms": median(colds[index].first).toFixed(2),
          "later GET, CPU µs": warms[index].get.toFixed(1),
          "later POST, CPU µs": warms[index].post.toFixed(1),
        },
      ]),
    ),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
