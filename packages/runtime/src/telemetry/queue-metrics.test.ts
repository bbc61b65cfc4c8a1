import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { configureInstance, type InstanceConfig } from "../config/instance.js";
import { defaultQueueSettings } from "../config/queue-config.js";
import { type JobRecord, toJobRecord } from "../job/job-record.js";
import { sqsRecord } from "../job/testing/sqs-event.js";
import { createQueueMetrics } from "./queue-metrics.js";

const DEPLOYED: InstanceConfig = {
  project: "shop",
  stage: "prod",
  queues: {},
  sqs: { region: "us-east-1", queueUrlPrefix: "" },
  baseUrl: null,
  readableLogs: false,
};

afterEach(() => configureInstance(null));

/**
 * CloudWatch User Guide, "Specification: Embedded metric format": the schema that it gives, and its rules that a schema
 * cannot say.
 */
const name = z.string().min(1).max(1_024);
const directive = z.strictObject({
  Namespace: z.string().regex(/^[^:\s][^:]{0,254}$/),
  Dimensions: z.array(z.array(z.string().min(1).max(250)).min(1).max(30)).min(1),
  Metrics: z.array(z.strictObject({ Name: name, Unit: z.enum(["Count", "Milliseconds"]) })).max(100),
});
const embedded = z
  .looseObject({
    _aws: z.strictObject({
      Timestamp: z.number().int().nonnegative(),
      CloudWatchMetrics: z.array(directive).min(1),
    }),
  })
  .refine(({ _aws, ...members }) =>
    _aws.CloudWatchMetrics.every(
      ({ Dimensions, Metrics }) =>
        Dimensions.flat().every((dimension) => typeof members[dimension] === "string") &&
        Metrics.every(({ Name }) => {
          const values = [members[Name]].flat();
          return (
            values.length <= 100 &&
            values.every((value) => typeof value === "number" && Number.isFinite(value))
          );
        }),
    ),
  );

function metricsOf(instance: Partial<InstanceConfig> = {}) {
  const lines: string[] = [];
  const start = createQueueMetrics({ ...DEPLOYED, ...instance }, "emails", (line) => lines.push(line));
  const read = () =>
    lines.map((line) => {
      expect(line).toMatch(/^[^\n]*\n$/);
      return embedded.parse(JSON.parse(line));
    });
  return { start, read };
}

function job(sentAtMs: number, dueAt: number | null = null): JobRecord {
  const fn = { name: "emails", fifo: false, settings: defaultQueueSettings(false), load: async () => ({}) };
  const message = sqsRecord({ id: "m1", envelope: { dueAt } });
  message.attributes.SentTimestamp = String(sentAtMs);
  return toJobRecord(message, fn, false);
}

test("an invocation's jobs are one line in the embedded metric format", () => {
  const { start, read } = metricsOf();
  const metrics = start?.(100_000, "request-1");
  metrics?.ended(job(99_000), 12.345, false);
  metrics?.ended(job(40_000, 99_500), 1_000, true);
  metrics?.ended(job(101_000), 0, false);
  metrics?.write();
  expect(read()).toEqual([
    {
      _aws: {
        Timestamp: 100_000,
        CloudWatchMetrics: [
          {
            Namespace: "queue-run",
            Dimensions: [["Project", "Stage", "Queue"]],
            Metrics: [
              { Name: "Jobs", Unit: "Count" },
              { Name: "Failures", Unit: "Count" },
              { Name: "Duration", Unit: "Milliseconds" },
              { Name: "Age", Unit: "Milliseconds" },
            ],
          },
        ],
      },
      Project: "shop",
      Stage: "prod",
      Queue: "emails",
      requestId: "request-1",
      Jobs: 3,
      Failures: 1,
      Duration: [12, 1_000, 0],
      Age: [1_000, 500, 0],
    },
  ]);
});

test("an invocation that ran nothing writes nothing; one of many jobs writes as many lines as the format needs", () => {
  const { start, read } = metricsOf();
  start?.(0, "r").write();
  expect(read()).toEqual([]);
  const metrics = start?.(0, "r");
  for (let count = 0; count < 250; count++) metrics?.ended(job(0), 1, count % 2 === 0);
  metrics?.write();
  metrics?.write();
  expect(read().map(({ Jobs, Failures }) => [Jobs, Failures])).toEqual([
    [100, 50],
    [100, 50],
    [50, 25],
  ]);
});

test("a message whose times are not known has an age of 0", () => {
  const { start, read } = metricsOf();
  const metrics = start?.(5, "r");
  metrics?.ended(job(Number.NaN), 1, false);
  metrics?.write();
  expect(read()[0]?.Age).toEqual([0]);
});

test("there are none in development, without a project, and where the project wants none", () => {
  expect(metricsOf({ readableLogs: true }).start).toBeNull();
  expect(metricsOf({ metrics: false }).start).toBeNull();
  expect(createQueueMetrics(null, "emails")).toBeNull();
});
