import { defaultQueueSettings, defaultRouteSettings } from "@queue-run/runtime/config";
import { describe, expect, test } from "vitest";
import { manifestOf, problemsOf } from "./understand-files.js";

const queue = (config: string) => `export default async () => {};\nexport const config = ${config};`;

function settings(config: string, name = "x") {
  return manifestOf({ [`queues/${name}.ts`]: queue(config) }).queues[0]?.settings;
}

function problem(config: string, name = "x") {
  const problems = problemsOf({ [`queues/${name}.ts`]: queue(config) });
  expect(problems).toHaveLength(1);
  return problems[0];
}

test("fills in the defaults", () => {
  expect(settings("{}")).toEqual(defaultQueueSettings(false));
  expect(settings("{}", "x.fifo")).toEqual(defaultQueueSettings(true));
});

test("converts every unit", () => {
  expect(
    settings(`{ timeout: "5m", retries: 3, backoff: "linear", backoffDelay: "1500ms", concurrency: 20, batchSize: 100,
      batchWindow: "2s", memory: "1GB", retention: "1d", track: true, expires: "1h",
      limits: { payload: "64KB", pending: 7, pushes: 20, hops: 5 },
      permissions: [{ Action: "s3:GetObject", Resource: "*" }] }`),
  ).toEqual({
    timeoutSeconds: 300,
    retries: 3,
    backoff: "linear",
    backoffDelaySeconds: 2,
    concurrency: 20,
    batchSize: 100,
    batchWindowSeconds: 2,
    memoryMegabytes: 1024,
    track: true,
    retentionSeconds: 86_400,
    expiresSeconds: 3_600,
    limits: { payloadBytes: 65_536, pending: 7, pushes: 20, hops: 5 },
    permissions: [{ Action: "s3:GetObject", Resource: "*" }],
  });
});

test("keeps messages for whole seconds, as SQS does", () => {
  expect(settings('{ retention: "90500ms" }')?.retentionSeconds).toBe(91);
  expect(settings("{ retention: 1209599.5 }")?.retentionSeconds).toBe(1_209_600);
});

test.each([
  ["{ timeout: 1 }"],
  ["{ timeout: 890 }"],
  ["{ retries: 0 }"],
  ["{ retries: 90, backoff: 'none' }"],
  ["{ concurrency: 2 }"],
  ["{ concurrency: 1000 }"],
  ["{ batchSize: 10000, batchWindow: 1 }"],
  ["{ retention: 60 }"],
  ["{ retention: '14d' }"],
  ["{ memory: 128 }"],
  ["{ track: false }"],
  ["{ timeout: undefined }"],
])("takes %s", (config) => {
  expect(settings(config)).toBeDefined();
});

test.each([
  ['{ timeout: "abc" }', /timeout is "abc", which is not a number of seconds or a duration/, /from 1 to 890/],
  ["{ timeout: 0 }", /timeout is 0, less than 1/, /890/],
  ["{ timeout: 891 }", /more than 890/, /890/],
  ["{ timeout: -5 }", /timeout is -5/, /890/],
  ["{ timeout: null }", /timeout is null/, /890/],
  ["{ retries: 91, backoff: 'none' }", /retries is 91, more than 90/, /0 to 90/],
  ["{ retries: 1.5 }", /retries is 1.5, which is not a whole number/, /0 to 90/],
  ['{ retries: "3" }', /retries is "3"/, /whole number/],
  ['{ backoff: "quadratic" }', /backoff is "quadratic"/, /"exponential", "linear", "none"/],
  ['{ backoffDelay: "12h" }', /backoffDelay is "12h", more than "11h"/, /11h/],
  ["{ concurrency: 1 }", /concurrency is 1, less than 2/, /FIFO queue and one group/],
  ["{ concurrency: 1001 }", /more than 1000/, /1000/],
  ["{ batchSize: 0 }", /batchSize is 0/, /1 to 10000/],
  ["{ batchSize: 11 }", /Lambda requires a batch window/, /batchWindow/],
  ["{ batchWindow: 301 }", /batchWindow is 301/, /300/],
  ["{ memory: 127 }", /memory is 127/, /10240/],
  ["{ retention: 59 }", /retention is 59/, /"14d"/],
  ["{ limits: 5 }", /limits is not an object/, /limits: \{/],
  ['{ limits: { payload: "2MB" } }', /limits.payload is "2MB"/, /1048576/],
  ["{ limits: { pending: 5 } }", /keeps none/, /track: true/],
  ["{ track: true, limits: { pending: 0 } }", /limits.pending is 0/, /1 to 10000/],
  ["{ limits: { pushes: -1 } }", /limits.pushes is -1/, /0 to/],
  ["{ limits: { hops: 0 } }", /limits.hops is 0/, /1 to/],
  ["{ permissions: 's3:*' }", /not a list of IAM statements/, /Action/],
  [
    "{ permissions: [{ Action: 's3:*', Resource: '*' }, { Action: 's3:*', Resource: 'bucket' }] }",
    /permissions\[1\]\.Resource has "bucket", which is not an ARN.*IAM would refuse it/,
    /arn:aws:s3/,
  ],
  ["{ timout: 5 }", /no setting called timout/, /Did you mean timeout\?/],
  ["{ limits: { hop: 5 } }", /no setting called limits.hop/, /Did you mean limits.hops\?/],
  ["{ colour: 5 }", /no setting called colour/, /timeout, retries/],
  ["{ retries: 30 }", /30 retries with exponential backoff from 1 s wait \d+ s in all/, /retention/],
  ["5", /config is not an object/, /export const config/],
  ["{ retries: Number(process.env.N) }", /config.retries is a call of a function/, /literal/],
])("refuses %s on its line, saying how to mend it", (config, message, fix) => {
  const found = problem(config);
  expect(found).toMatchObject({ file: "queues/x.ts", line: 2 });
  expect(found?.message).toMatch(message);
  expect(found?.fix).toMatch(fix);
});

describe("FIFO queues", () => {
  test("take larger batches where their jobs fit one after another", () => {
    expect(settings("{ batchSize: 10, timeout: 89 }", "x.fifo")?.batchSize).toBe(10);
    const found = problem("{ batchSize: 10, timeout: 90 }", "x.fifo");
    expect(found?.message).toContain("longer than Lambda's 900 s");
    expect(found?.fix).toContain("batchSize to 9 or less");
  });

  test.each([
    ["{ batchSize: 11, timeout: 1 }", /at most 10/],
    ["{ batchWindow: 5 }", /no batch window/],
  ])("refuse %s", (config, message) => {
    expect(problem(config, "x.fifo")?.message).toMatch(message);
  });
});

describe("the project's defaults", () => {
  const files = {
    "queues/x.ts": queue("{ retries: 2, limits: { hops: 5 } }"),
    "queues/y.ts": "export default () => {};",
  };

  test("hold where a queue says nothing", () => {
    const { queues } = manifestOf(files, { queues: { timeout: 30, retries: 9, limits: { payload: "1KB" } } });
    expect(
      queues.map(({ settings: { timeoutSeconds, retries, limits } }) => [
        timeoutSeconds,
        retries,
        limits.payloadBytes,
        limits.hops,
      ]),
    ).toEqual([
      [30, 2, 1024, 5],
      [30, 9, 1024, 100],
    ]);
  });
});

describe("the project's defaults and FIFO queues", () => {
  const fifo = { "queues/x.fifo.ts": "export default () => {};" };

  test("a batch window, which FIFO queues cannot have, is for the others", () => {
    const [queue] = manifestOf(fifo, { queues: { batchWindow: "5s" } }).queues;
    expect(queue?.settings.batchWindowSeconds).toBe(0);
  });

  test("say where a value comes from that does not go with this queue", () => {
    const [found] = problemsOf(fifo, { queues: { batchSize: 5 } });
    expect(found).toMatchObject({ file: "queues/x.fifo.ts", line: null });
    expect(found?.fix).toContain("queue-run.config.ts");
    expect(problemsOf({ "queues/x.fifo.ts": queue("{ batchSize: 5 }") })[0]?.fix).not.toContain(
      "queue-run.config.ts",
    );
  });
});

describe("routes", () => {
  const route = (config: string) => ({
    "api/x.ts": `export const get = () => 1;\nexport const config = ${config};`,
  });

  test("fill in the defaults and convert every unit", () => {
    expect(manifestOf(route("{}")).routes[0]?.settings).toEqual(defaultRouteSettings());
    expect(
      manifestOf(
        route(
          '{ accepts: "application/json", methods: ["get"], cors: false, timeout: "1m", maxBody: "2MB" }',
        ),
      ).routes[0]?.settings,
    ).toEqual({
      accepts: ["application/json"],
      methods: ["GET"],
      cors: false,
      timeoutSeconds: 60,
      maxBodyBytes: 2_097_152,
    });
  });

  test("may compute cache and etag at run time, and nothing else", () => {
    expect(problemsOf(route("{ cache: (r) => r.age, etag: makeEtag() }"))).toEqual([]);
    expect(problemsOf(route("{ timeout: seconds() }"))[0]?.message).toContain("config.timeout");
  });

  test.each([
    ['{ maxBody: "7MB" }', /maxBody/],
    ["{ cors: 'yes' }", /neither true nor false/],
    ["{ methods: ['FETCH'] }", /FETCH/],
    ["{ accepts: 5 }", /accepts is 5/],
    ["{ timeout: 891 }", /890/],
    ["{ cach: 5 }", /no setting called cach/],
  ])("refuse %s", (config, message) => {
    const problems = problemsOf(route(config));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(message);
  });
});
