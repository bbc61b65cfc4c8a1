import { defaultQueueSettings, defaultRouteSettings } from "@queue-run/runtime/config";
import { expect, test } from "vitest";
import type { Manifest, QueueDefinition } from "../../../project/manifest.js";
import { type ExpectedUse, estimateCost } from "./estimate-cost.js";
import { costText } from "./print-cost.js";

const USE: ExpectedUse = {
  jobs: {},
  jobSeconds: 0.2,
  payloadBytes: 1024,
  requests: 0,
  requestSeconds: 0.05,
  messages: 0,
  scheduledRuns: {},
};

function queue(name: string, settings: Partial<QueueDefinition["settings"]> = {}): QueueDefinition {
  const fifo = name.endsWith(".fifo");
  return {
    name,
    fifo,
    file: `queues/${name}.ts`,
    jobs: ["default"],
    batch: false,
    settings: { ...defaultQueueSettings(fifo), ...settings },
  };
}

function project(parts: Partial<Manifest>) {
  return { settings: {}, queues: [], routes: [], schedules: [], socket: null, ...parts };
}

const API = project({
  routes: [
    { path: "/", file: "api/index.ts", exports: ["get"], settings: defaultRouteSettings(), middleware: [] },
  ],
});

function dollars(estimate: ReturnType<typeof estimateCost>, what: string): number {
  const line = estimate.lines.find((candidate) => candidate.what === what);
  if (!line) throw new Error(`No line ${what}`);
  return line.dollars;
}

test("a million jobs: three requests each, and what they run", () => {
  const estimate = estimateCost(project({ queues: [queue("emails")] }), { ...USE, jobs: { emails: 1e6 } });
  expect(dollars(estimate, "emails: sent, received, deleted")).toBeCloseTo(1.2);
  expect(dollars(estimate, "emails: invocations")).toBeCloseTo(0.2);
  expect(dollars(estimate, "emails: running")).toBeCloseTo(1e6 * 0.2 * 0.25 * 0.0000133334);
  expect(estimate.total).toBeCloseTo(estimate.lines.reduce((sum, line) => sum + line.dollars, 0));
});

test("a tracked job costs its writes too: created, claimed, completed, and entries where its queue has them", () => {
  const limits = { payloadBytes: null, pending: 5, pushes: null, hops: 100 };
  const queues = [
    queue("plain"),
    queue("kept", { track: true }),
    queue("limited", { track: true, limits }),
    queue("ordered.fifo", { track: true }),
  ];
  const jobs = Object.fromEntries(queues.map(({ name }) => [name, 1e6]));
  const estimate = estimateCost(project({ queues }), { ...USE, jobs });
  const writes = estimate.lines.filter(({ service }) => service === "DynamoDB");
  expect(writes.map(({ what, quantity }) => [what, quantity])).toEqual([
    ["kept: records", 3e6],
    ["limited: records", 5e6],
    ["ordered.fifo: records", 4e6],
  ]);
  expect(dollars(estimate, "kept: records")).toBeCloseTo(1.875);
});

test("messages of a socket, and what those that come in run", () => {
  const settings = { timeoutSeconds: 29, memoryMegabytes: null, permissions: [] };
  const socket = { file: "socket/index.ts", middleware: null, settings };
  const estimate = estimateCost(project({ socket }), { ...USE, messages: 2e6 });
  expect(dollars(estimate, "socket: messages")).toBeCloseTo(2);
  expect(dollars(estimate, "socket: invocations")).toBeCloseTo(0.2);
});

test("an idle queue costs its polls, more of them with a concurrency", () => {
  const polls = (settings: Partial<QueueDefinition["settings"]>) =>
    estimateCost(project({ queues: [queue("emails", settings)] }), USE).lines.map(({ what, quantity }) => [
      what,
      quantity,
    ]);
  expect(polls({})).toEqual([["emails: waiting for jobs", 259_200]]);
  expect(polls({ concurrency: 10 })).toEqual([["emails: waiting for jobs", 648_000]]);
});

test("FIFO, large messages, memory and architecture have their prices", () => {
  const jobs = { "orders.fifo": 1e6 };
  const [fifo] = estimateCost(project({ queues: [queue("orders.fifo")] }), {
    ...USE,
    jobs,
    payloadBytes: 65_537,
  }).lines;
  expect(fifo).toMatchObject({ quantity: 5e6, unitPrice: 0.5e-6 });
  const heavy = estimateCost(
    project({
      queues: [queue("orders.fifo", { memoryMegabytes: 1024 })],
      settings: { architecture: "x86_64" },
    }),
    { ...USE, jobs },
  );
  expect(dollars(heavy, "orders.fifo: running")).toBeCloseTo(1e6 * 0.2 * 0.0000166667);
});

test("an HTTP API costs by the request, a function URL does not", () => {
  const use = { ...USE, requests: 2e6 };
  const services = (settings: Manifest["settings"]) =>
    estimateCost({ ...API, settings }, use).lines.map(({ service }) => service);
  expect(services({})).toEqual(["Lambda", "Lambda", "CloudWatch Logs"]);
  const withApi = estimateCost({ ...API, settings: { http: "api-gateway" } }, use);
  expect(dollars(withApi, "api: requests")).toBeCloseTo(2);
});

test("the free tier takes off what it covers, of the cheapest first, and no more than there is", () => {
  const little = estimateCost(project({ queues: [queue("emails")] }), { ...USE, jobs: { emails: 1_000 } });
  expect(little.afterFreeTier).toBeCloseTo(0);
  const both = project({ queues: [queue("emails"), queue("orders.fifo")] });
  const much = estimateCost(both, { ...USE, jobs: { emails: 1e6, "orders.fifo": 1e6 } });
  const sqs = 1e6 * 0.4e-6;
  const running = 2e6 * 0.2 * 0.25 * 0.0000133334;
  const logs = (2e6 * 1_500) / 1024 ** 3;
  expect(much.total - much.afterFreeTier).toBeCloseTo(sqs + 0.2 + running + logs * 0.5);
});

test("is printed with its prices, their date, and what it assumes", () => {
  const text = costText(
    estimateCost(project({ queues: [queue("emails")] }), { ...USE, jobs: { emails: 1e6 } }),
  );
  expect(text).toMatch(
    /SQS +emails: sent, received, deleted +3,000,000 requests +at \$0\.40 a million +\$1\.20/,
  );
  expect(text).toMatch(/About \$\d+\.\d\d a month/);
  expect(text).toMatch(/us-east-1 as of 2026-\d\d-\d\d/);
});
