import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startProject } from "queue-run/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isSignatureOf } from "../lib/signature.js";

type Webhook = { headers: IncomingMessage["headers"]; body: string };

let subscriber: Server;
let url: string;
let webhooks: Webhook[];
let answer: (webhook: Webhook) => { status: number; headers?: Record<string, string> };

beforeEach(async () => {
  webhooks = [];
  answer = () => ({ status: 204 });
  subscriber = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const webhook = { headers: request.headers, body };
    webhooks.push(webhook);
    const { status, headers = {} } = answer(webhook);
    response.writeHead(status, { ...headers, connection: "close" }).end();
  });
  await new Promise<void>((resolve) => subscriber.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(subscriber.address() as AddressInfo).port}/hook`;
});

afterEach(() => subscriber.close());

const started = () => startProject({ env: { SUBSCRIBERS: url }, quiet: true });
type Project = Awaited<ReturnType<typeof started>>;

async function happen(project: Project): Promise<string> {
  const body = JSON.stringify({ event: "order.paid", data: { order: 42 } });
  const headers = { "content-type": "application/json" };
  const [jobId = ""] = await (await project.fetch("/events", { method: "POST", body, headers })).json();
  return jobId;
}

async function statusOf(project: Project, jobId: string) {
  return await (await project.fetch(`/deliveries/${jobId}`)).json();
}

test("delivers an event, signed", async () => {
  await using project = await started();
  const jobId = await happen(project);
  await project.drain();
  const [{ headers, body } = { headers: {}, body: "" }] = webhooks;
  expect(JSON.parse(body)).toEqual({ event: "order.paid", data: { order: 42 } });
  expect(isSignatureOf(String(headers["webhook-signature"]), jobId, body)).toBe(true);
  expect(isSignatureOf(String(headers["webhook-signature"]), jobId, `${body} `)).toBe(false);
  expect(await statusOf(project, jobId)).toMatchObject({ status: "completed", result: { status: 204 } });
});

test("tries again, later and later, under the same id", async () => {
  await using project = await started();
  answer = () => ({ status: webhooks.length < 4 ? 503 : 204 });
  const jobId = await happen(project);
  await project.drain();
  expect(await statusOf(project, jobId)).toMatchObject({ status: "pending", attempt: 1 });
  await project.clock.advance("1 minute");
  expect(webhooks.map(({ headers }) => headers["webhook-attempt"])).toEqual(["1", "2", "3", "4"]);
  expect(new Set(webhooks.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([jobId]));
  expect(await statusOf(project, jobId)).toMatchObject({ status: "completed", attempt: 4 });
});

test("waits for as long as a busy subscriber asks", async () => {
  await using project = await started();
  answer = () => (webhooks.length < 2 ? { status: 429, headers: { "retry-after": "600" } } : { status: 204 });
  await happen(project);
  await project.clock.advance("9 minutes");
  expect(webhooks).toHaveLength(1);
  await project.clock.advance("1 minute");
  expect(webhooks).toHaveLength(2);
});

test("gives up at once where a subscriber is gone, and in the end where nothing helps", async () => {
  await using project = await started();
  answer = () => ({ status: 410 });
  await happen(project);
  await project.drain();
  expect(webhooks).toHaveLength(1);

  answer = () => ({ status: 500 });
  const jobId = await happen(project);
  await project.clock.advance("1 hour");
  expect(webhooks).toHaveLength(10);
  expect(project.deadLetters("deliveries").map(({ attempts }) => attempts)).toEqual([1, 9]);
  expect(await statusOf(project, jobId)).toMatchObject({
    status: "failed",
    attempt: 9,
    error: { message: `${url} answered 500` },
  });
});

test("whatever goes wrong on the way, each event arrives, and a subscriber can tell what it has had", async () => {
  await using project = await startProject({ env: { SUBSCRIBERS: url }, quiet: true, chaos: true });
  const ids = [];
  for (let n = 0; n < 10; n++) ids.push(await happen(project));
  await project.clock.advance("1 hour");
  const arrived = new Set(webhooks.map(({ headers }) => String(headers["webhook-id"])));
  expect([...arrived].sort()).toEqual(ids.sort());
});
