import { defaultQueueSettings, defaultScheduleSettings } from "@queue-run/runtime/config";
import { expect, it } from "vitest";
import type { DeadLetter } from "../../deploy/manage/failed/dead-letter.js";
import type { Manifest } from "../../project/manifest.js";
import { page } from "./page.js";
import type { DashboardState } from "./read-dashboard.js";

/** What a page must never hold as it is. */
const EVIL = `<img src=x onerror=alert(1)>"'&<script>alert(2)</script>`;

const manifest = {
  name: EVIL,
  root: "/app",
  settings: {},
  routes: [{ path: "/items/[id]", file: EVIL, exports: ["get"], middleware: [] }],
  queues: [{ name: "emails", file: "queues/emails.ts", fifo: false, settings: defaultQueueSettings(false) }],
  schedules: [
    {
      name: "daily",
      file: "schedules/daily.ts",
      expression: { text: EVIL },
      settings: defaultScheduleSettings(),
    },
  ],
} as unknown as Manifest;

const letter: DeadLetter = {
  jobId: EVIL,
  job: EVIL,
  messageId: "m",
  receiptHandle: "r",
  groupId: EVIL,
  body: JSON.stringify({ evil: EVIL }),
  envelope: null,
  attributes: {},
  traceHeader: null,
  failure: {
    jobId: EVIL,
    queueName: "emails",
    attempts: 3,
    failedAt: EVIL,
    codeVersion: "1",
    redrives: 0,
    error: { name: EVIL, message: EVIL.repeat(500), stack: EVIL },
  },
  sentAt: 0,
};

const error = { name: EVIL, message: EVIL, stack: EVIL, code: null, fix: null, cause: null };

const state: DashboardState = {
  manifest,
  url: "http://localhost:8000",
  sqsEndpoint: "http://localhost:9324",
  counts: new Map([["emails", { name: "emails", waiting: 5, inFlight: 1, delayed: null, dead: 7 }]]),
  deadLetters: [{ queueName: "emails", letters: [letter] }],
  jobs: [
    {
      handler: EVIL,
      queueName: "emails",
      jobId: EVIL,
      job: EVIL,
      groupId: EVIL,
      state: "to be retried",
      attempt: 1,
      maxAttempts: 3,
      durationMs: 4,
      error: { ...error, cause: error },
      note: EVIL,
      traceId: EVIL,
      timeMs: 0,
      record: { status: "pending", progress: EVIL, result: null },
    },
  ],
  nextRunMs: () => null,
};

it("escapes all that is not its own", async () => {
  const text = String(await page(state));
  expect(text.match(/<script|<img|onerror=alert\(1\)>/g)).toEqual(["<script"]);
  expect(text).not.toMatch(/="[^"]*<img/);
  expect(text.split("&lt;img").length).toBeGreaterThan(10);
});

it("shows routes, queues with their counts, dead letters, jobs and schedules", async () => {
  const text = String(await page(state));
  for (const part of [
    "/items/[id]",
    "emails",
    ">5<",
    ">1<",
    "–",
    ">7<",
    "to be retried",
    "1/3",
    "daily",
    "never by itself",
  ])
    expect(text).toContain(part);
  expect(text).toContain("characters more)");
  expect(text).toContain("record: pending");
});

it("loads nothing from elsewhere, and has no script or style of its own in it", async () => {
  const text = String(await page(state));
  const loaded = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url);
  expect(
    loaded.filter((url) => !/^(?:\/_queue-run\/|http:\/\/localhost:8000|data:,)/.test(url ?? "")),
  ).toEqual([]);
  expect(text).not.toMatch(/ style="|<style/);
});
