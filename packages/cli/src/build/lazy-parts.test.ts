import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { readProject } from "../project/read-project.js";
import { type TemporaryProject, temporaryProject } from "../project/temporary-project.js";
import { bundleFunctions } from "./bundle-functions.js";
import type { FunctionBundle } from "./function-bundle.js";
import { loadInNode } from "./load-in-node.js";

const PROJECT = {
  "index.ts": `
    import { queues } from "queue-run";
    export const warmup = () => queues.get("emails").push("while the entry point still waits");
  `,
  "queues/emails.ts": `
    import { QueueRunError, queues } from "queue-run";
    export default async function () {
      await queues.get("emails").push("from a job");
      const refused = await queues.get("emial").push(1).catch((error) => error);
      globalThis.outcome = [refused instanceof QueueRunError, refused.code];
    }
  `,
  "queues/lazy.ts": `
    import { queues } from "queue-run";
    export default async function () {
      const { text } = await import("#lib/later.js");
      await queues.get("emails").push(text);
    }
  `,
  "queues/later.ts": `
    import { QueueRunError, queues } from "queue-run";
    export default async function () {
      await queues.get("emails").delay("1h").push("due later");
      const refused = await queues.get("emails").delay("1h").push("refused").catch((error) => error);
      const untracked = await queues.get("emails").status("id").catch((error) => error);
      globalThis.outcome = [refused, untracked].map((error) => [error instanceof QueueRunError, error.code]);
    }
  `,
  "lib/later.ts": 'globalThis.isLoaded = true; export const text = "loaded later";',
};

let project: TemporaryProject;
let bundles: Map<string, FunctionBundle>;
beforeAll(async () => {
  project = temporaryProject(PROJECT);
  const reading = await readProject(project.root, { stage: "prod" });
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  const made = await bundleFunctions(reading.manifest, join(project.root, "out"));
  bundles = new Map(made.map((bundle) => [bundle.id, bundle]));
  return project.dispose;
});

/** Runs a job of a function as Lambda would, with an SQS that takes everything. */
async function runJob(id: string, tell: string) {
  type Sent = { MessageBody: string; MessageAttributes: Record<string, { StringValue: string }> };
  const sent: Sent[] = [];
  const scheduled: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const message: Sent = JSON.parse(body);
    if (request.url?.startsWith("/schedules/")) {
      scheduled.push(JSON.parse(JSON.parse(body).Target.Input).MessageBody);
      response.statusCode = scheduled.length > 1 ? 403 : 200;
      response.setHeader("x-amzn-errortype", "AccessDeniedException");
      response.end("{}");
      return;
    }
    sent.push(message);
    const MD5OfMessageBody = createHash("md5").update(message.MessageBody).digest("hex");
    response.end(JSON.stringify({ MessageId: "1", MD5OfMessageBody }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const env = {
    QUEUE_RUN_PROJECT: "shop",
    QUEUE_RUN_STAGE: "prod",
    QUEUE_RUN_SQS_URL_PREFIX: `${url}000000000000/`,
    QUEUE_RUN_DELAY_GROUP: "shop-prod-delayed",
    QUEUE_RUN_DELAY_ROLE: "arn:aws:iam::000000000000:role/shop-prod-delayed",
    AWS_ENDPOINT_URL: url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  const record = {
    messageId: "m",
    receiptHandle: "r",
    body: "hello",
    attributes: { ApproximateReceiveCount: "1", SentTimestamp: "0" },
    messageAttributes: { "queue-run": { stringValue: '{"kind":"text","user":"ada"}', dataType: "String" } },
  };
  const driver = project.path(`${id.replace(":", "-")}.mjs`);
  writeFileSync(
    driver,
    `Object.assign(process.env, ${JSON.stringify(env)});
     const { handler } = await import(${JSON.stringify(pathToFileURL(bundles.get(id)?.file ?? "").href)});
     const before = globalThis.isLoaded === true;
     const context = { awsRequestId: "request", functionVersion: "1", getRemainingTimeInMillis: () => 60_000 };
     const answer = await handler({ Records: [${JSON.stringify(record)}] }, context);
     export const told = { ...answer, ...(${tell}) };`,
  );
  const told = await loadInNode(pathToFileURL(driver).href, "module.told");
  const messages = sent.map(({ MessageBody, MessageAttributes }) => {
    const envelope = JSON.parse(MessageAttributes["queue-run"]?.StringValue ?? "{}");
    return [MessageBody, envelope.user, envelope.hops];
  });
  return { told, messages, scheduled: scheduled.map((body) => Buffer.from(body, "base64").toString()) };
}

test("a queue's function is one file, and one for each part of the runtime that it may need later", () => {
  const { file = "", files } = bundles.get("queue:emails") ?? {};
  expect(files?.filter((name) => !name.endsWith(".map"))).toEqual([
    "delays.mjs",
    "first-call.mjs",
    "index.mjs",
    "records.mjs",
  ]);
  expect(readdirSync(dirname(file)).sort()).toEqual(files);
});

test("what its first push loads knows the function's instance, its job and its errors", async () => {
  const { told, messages } = await runJob("queue:emails", "{ outcome: globalThis.outcome }");
  expect(told).toEqual({ batchItemFailures: [], outcome: [true, "QR_QUEUE_NOT_FOUND"] });
  expect(messages).toEqual([
    ["while the entry point still waits", undefined, undefined],
    ["from a job", "ada", 2],
  ]);
});

test("parts that are loaded after the first call share its client, and the function's errors", async () => {
  const { told, messages, scheduled } = await runJob("queue:later", "{ outcome: globalThis.outcome }");
  expect(told).toEqual({
    batchItemFailures: [],
    outcome: [
      [true, "QR_SCHEDULE_FAILED"],
      [true, "QR_NOT_TRACKED"],
    ],
  });
  expect(scheduled).toEqual(["due later", "refused"]);
  expect(messages).toHaveLength(1);
  const { file = "" } = bundles.get("queue:later") ?? {};
  const delays = readFileSync(join(dirname(file), "delays.mjs"), "utf8");
  expect(delays.length).toBeLessThan(8_192);
});

test("code that a function loads when it needs it stays a file of its own", async () => {
  const { told, messages } = await runJob("queue:lazy", "{ before, after: globalThis.isLoaded }");
  expect(told).toEqual({ batchItemFailures: [], before: false, after: true });
  expect(messages.at(-1)).toEqual(["loaded later", "ada", 2]);
  const { files } = bundles.get("queue:lazy") ?? {};
  expect(files).toContainEqual(expect.stringMatching(/^later-\w+\.mjs$/));
});
