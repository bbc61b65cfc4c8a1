import { defaultScheduleSettings } from "@queue-run/runtime/config";
import { Cron } from "croner";
import { describe, expect, test } from "vitest";
import { awsSchedules } from "./aws-schedules.js";
import { nextRuns } from "./next-runs.js";
import { parseSchedule, type ScheduleExpression } from "./schedule-expression.js";
import { schedulerTimes, shownMs } from "./testing/scheduler-times.js";

const START_MS = Date.UTC(2026, 10, 22, 10, 30);

function parsed(text: string): ScheduleExpression {
  const expression = parseSchedule(text);
  if ("message" in expression) throw new Error(expression.message);
  return expression;
}

function schedulesOf(text: string, timezone = "UTC") {
  const settings = { ...defaultScheduleSettings(), timezone };
  return awsSchedules({ name: "daily", expression: parsed(text), settings });
}

const expressionsOf = (text: string) => schedulesOf(text).map(({ scheduleExpression }) => scheduleExpression);

/** When AWS would run it, as the function sees it: what another expression runs is left alone. */
function timesOnAws(text: string, timezone: string, afterMs: number, count: number): number[] {
  const streams = schedulesOf(text, timezone).map((schedule) => {
    const { scheduleExpressionTimezone: zone, input } = schedule;
    const { except } = JSON.parse(input);
    const times: number[] = [];
    for (const atMs of schedulerTimes(schedule.scheduleExpression, zone, afterMs)) {
      if (except?.daysOfMonth.includes(new Date(shownMs(atMs, zone)).getUTCDate())) continue;
      times.push(atMs);
      if (times.length === count) break;
    }
    return times;
  });
  return streams
    .flat()
    .sort((a, b) => a - b)
    .slice(0, count);
}

function timesOfCroner(text: string, afterMs: number, count: number): number[] {
  return new Cron(text, { timezone: "UTC" }).nextRuns(count, new Date(afterMs)).map((date) => date.getTime());
}

const iso = (times: number[]) => times.map((atMs) => new Date(atMs).toISOString());

function expectSameTimes(text: string, count = 60, afterMs = START_MS): void {
  const { cron } = parsed(text) as { cron: string };
  expect(iso(timesOnAws(text, "UTC", afterMs, count)), text).toEqual(
    iso(timesOfCroner(cron, afterMs, count)),
  );
}

test.each([
  ["0 9 * * 1-5", ["cron(0 9 ? * 2-6 *)"]],
  ["0 9 * * 0", ["cron(0 9 ? * 1 *)"]],
  ["0 9 * * 7", ["cron(0 9 ? * 1 *)"]],
  ["0 9 * * FRI-SUN", ["cron(0 9 ? * 1,6,7 *)"]],
  ["*/15 * * * *", ["cron(0/15 * * * ? *)"]],
  ["5-59/15 */2 * * *", ["cron(5/15 0/2 * * ? *)"]],
  ["0-20/10 8-18 1,15 */3 *", ["cron(0,10,20 8-18 1,15 1,4,7,10 ? *)"]],
  ["0 0 1-31 * 1", ["cron(0 0 * * ? *)"]],
  ["every minute", ["cron(* * * * ? *)"]],
  ["every 45 minutes", ["rate(45 minutes)"]],
  ["every 5 hours", ["rate(5 hours)"]],
  ["every 2 days", ["rate(2 days)"]],
  ["never", []],
])("%s", (text, expected) => {
  expect(expressionsOf(text)).toEqual(expected);
});

test("both day fields are either of them: two schedules, and a day of both is the first one's", () => {
  const [first, second, ...more] = schedulesOf("0 9 13 * 5", "Europe/Berlin");
  expect(more).toEqual([]);
  expect(first).toMatchObject({ nameSuffix: "", scheduleExpression: "cron(0 9 13 * ? *)" });
  expect(second).toMatchObject({ nameSuffix: ".weekdays", scheduleExpression: "cron(0 9 ? * 6 *)" });
  expect(JSON.parse(first?.input ?? "")).toEqual({
    schedule: "daily",
    scheduledAt: "<aws.scheduler.scheduled-time>",
    executionId: "<aws.scheduler.execution-id>",
  });
  expect(JSON.parse(second?.input ?? "").except).toEqual({ daysOfMonth: [13], timezone: "Europe/Berlin" });
});

test("a time zone is left out where it makes no difference", () => {
  const zoneOf = (text: string, timezone: string) =>
    schedulesOf(text, timezone).map(({ scheduleExpressionTimezone }) => scheduleExpressionTimezone);
  expect(zoneOf("daily at 9:00", "Europe/Berlin")).toEqual(["Europe/Berlin"]);
  expect(zoneOf("every 2 hours", "Europe/Berlin")).toEqual(["Europe/Berlin"]);
  expect(zoneOf("every 15 minutes", "Europe/Berlin")).toEqual(["UTC"]);
  expect(zoneOf("every 15 minutes", "Asia/Kolkata")).toEqual(["Asia/Kolkata"]);
  expect(zoneOf("every 45 minutes", "Asia/Kolkata")).toEqual(["UTC"]);
});

test("days of the month that none of the months has need no schedule", () => {
  expect(expressionsOf("0 9 31 2,4 1")).toEqual(["cron(0 9 ? 2,4 2 *)"]);
});

test("the longest lists are written shorter than the 256 characters that AWS takes", () => {
  const [long] = expressionsOf("0-8,10-59 0-8,10-23 1-8,10-31 1-8,10-12 *");
  expect(long).toBe("cron(0-8,10-59 0-8,10-23 1-8,10-31 1-8,10-12 ? *)");
  const alternating = Array.from({ length: 29 }, (_, index) => index * 2 + (index > 20 ? 1 : 0)).join(",");
  const hours = "0,1,3,5,7,9,11,13,15,17,19,21,23";
  const days = "1,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,31";
  const text = `${alternating} ${hours} ${days} 1,2,4,6,8,10,12 *`;
  expect(expressionsOf(text)[0]?.length).toBeLessThanOrEqual(256);
  expectSameTimes(text);
});

describe("runs when croner does", () => {
  test("every form of days of the week", () => {
    const forms = ["*", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "MON-FRI", "SUN-TUE", "FRI-SUN"];
    for (let from = 0; from <= 7; from++) {
      forms.push(`${from}`, `*/${Math.max(1, from)}`);
      for (let to = from; to <= 7; to++) {
        forms.push(`${from}-${to}`, `${from},${to}`);
        for (let step = 2; step <= 4; step++) forms.push(`${from}-${to}/${step}`);
      }
    }
    for (const form of forms) expectSameTimes(`0 9 * * ${form}`, 30);
  });

  test("every form of days of the month, over several years", () => {
    const forms = ["*", "1,15", "1,10-20,31", "28-31", "30,31"];
    for (let from = 1; from <= 31; from++) {
      forms.push(`${from}`, `*/${from}`, `${from}-31`, `1-${from}`, `1-${from}/2`, `${from}-31/3`);
    }
    for (const form of forms) expectSameTimes(`30 18 ${form} * *`, 60);
    for (let day = 1; day <= 31; day++) expectSameTimes(`0 0 ${day} */2 *`, 30);
    expectSameTimes("0 0 29 2 *", 5);
  });

  test("every day of the month beside every day of the week", () => {
    for (let day = 1; day <= 31; day++)
      for (let weekday = 0; weekday <= 7; weekday++) expectSameTimes(`15 6 ${day} * ${weekday}`, 25);
  });

  test("expressions of any kind", () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const random = randomOf(seed);
    for (let round = 0; round < 150; round++) {
      const text = randomCron(random);
      if ("message" in parseSchedule(text)) continue;
      const afterMs = START_MS + Math.floor(random() * 6 * 365 * 24 * 60) * 60_000;
      const times = iso(timesOnAws(text, "UTC", afterMs, 50));
      expect(times, `SEED=${seed}: ${text}`).toEqual(iso(timesOfCroner(text, afterMs, 50)));
    }
  });

  test("in time zones, through years of clocks being changed: as the next runs that are shown", () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const random = randomOf(seed);
    const zones = [
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "Africa/Cairo",
      "Asia/Kolkata",
    ];
    const changes = [
      "2027-03-13T12:00Z",
      "2027-03-27T12:00Z",
      "2027-04-02T12:00Z",
      "2027-10-30T12:00Z",
      "2028-11-04T12:00Z",
    ];
    const nightly = [
      "0 2 * * *",
      "30 1,2,3 * * *",
      "*/20 0-4 * * *",
      "0 0 * * *",
      "*/15 * * * *",
      "0 * * * 6,0",
      "0 0 1 * 6",
    ];
    for (const zone of zones)
      for (const text of [...nightly, ...Array.from({ length: 5 }, () => randomCron(random))]) {
        const expression = parseSchedule(text);
        if ("message" in expression) continue;
        for (const change of changes) {
          const afterMs = Date.parse(change);
          const shown = nextRuns(expression, zone, { afterMs, count: 40, startedAtMs: 0 });
          const message = `SEED=${seed}: ${text} in ${zone}`;
          expect(iso(shown), message).toEqual(iso(timesOnAws(text, zone, afterMs, 40)));
        }
      }
  }, 20_000);
});

/** 0 inclusive to 1 exclusive, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function randomCron(random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  const item = (min: number, max: number): string => {
    const from = min + below(max - min + 1);
    const to = from + below(max - from + 1);
    const forms = [
      "*",
      `*/${1 + below(max)}`,
      `${from}`,
      `${from}`,
      `${from}-${to}`,
      `${from}-${to}/${1 + below(9)}`,
    ];
    return forms[below(forms.length)] ?? "*";
  };
  const field = (min: number, max: number) =>
    Array.from({ length: 1 + below(3) }, () => item(min, max)).join(",");
  const day = (min: number, max: number) => (random() < 0.4 ? "*" : field(min, max));
  return [field(0, 59), field(0, 23), day(1, 31), random() < 0.6 ? "*" : field(1, 12), day(0, 7)].join(" ");
}
