import { describe, expect, test } from "vitest";
import { cronTextOf, parseSchedule } from "./schedule-expression.js";

/** The cron that a text comes to, or what stands for it. */
function meaning(text: string): string {
  const parsed = parseSchedule(text);
  if ("message" in parsed) return `refused: ${parsed.message}`;
  if (parsed.kind === "rate") return `rate ${parsed.every} ${parsed.unit}`;
  return parsed.kind === "never" ? "never" : parsed.cron;
}

function faultOf(text: string): { message: string; fix: string } {
  const parsed = parseSchedule(text);
  if (!("message" in parsed)) throw new Error(`${text} was taken`);
  return parsed;
}

test.each([
  ["every minute", "* * * * *"],
  ["every 1 minute", "* * * * *"],
  ["every 15 minutes", "*/15 * * * *"],
  ["Every  15\tMinutes", "*/15 * * * *"],
  ["every 60 minutes", "0 * * * *"],
  ["every 120 minutes", "0 */2 * * *"],
  ["every hour", "0 * * * *"],
  ["every 6 hours", "0 */6 * * *"],
  ["every 24 hours", "0 0 * * *"],
  ["every day", "0 0 * * *"],
  ["every 45 minutes", "rate 45 minutes"],
  ["every 90 minutes", "rate 90 minutes"],
  ["every 5 hours", "rate 5 hours"],
  ["every 48 hours", "rate 2 days"],
  ["every 2 days", "rate 2 days"],
  ["hourly", "0 * * * *"],
  ["hourly at :05", "5 * * * *"],
  ["daily", "0 0 * * *"],
  ["@daily", "0 0 * * *"],
  ["daily at 9:00", "0 9 * * *"],
  ["daily at 09:05", "5 9 * * *"],
  ["daily at 9am", "0 9 * * *"],
  ["daily at 12am", "0 0 * * *"],
  ["daily at 12:30 pm", "30 12 * * *"],
  ["daily at 11:59 PM", "59 23 * * *"],
  ["every day at noon", "0 12 * * *"],
  ["daily at midnight", "0 0 * * *"],
  ["daily at 17:00 and 9:00", "0 9,17 * * *"],
  ["weekdays at 9:30, 12:30, and 5:30 pm", "30 9,12,17 * * 1-5"],
  ["daily at noon and midnight", "0 0,12 * * *"],
  ["weekdays", "0 0 * * 1-5"],
  ["weekdays at 9:00", "0 9 * * 1-5"],
  ["every weekday at 9:00", "0 9 * * 1-5"],
  ["weekends at 10:00", "0 10 * * 0,6"],
  ["mondays at 8:30", "30 8 * * 1"],
  ["monday at 8:30", "30 8 * * 1"],
  ["every monday", "0 0 * * 1"],
  ["sundays", "0 0 * * 0"],
  ["tues at 7:00", "0 7 * * 2"],
  ["wednesdays and tuesdays at 7:00", "0 7 * * 2,3"],
  ["mon, wed, fri at 9:00", "0 9 * * 1,3,5"],
  ["every monday, wednesday, and saturday at 9:00", "0 9 * * 1,3,6"],
  ["thursdays", "0 0 * * 4"],
  ["weekly", "0 0 * * 0"],
  ["@weekly", "0 0 * * 0"],
  ["weekly on friday at 17:00", "0 17 * * 5"],
  ["monthly", "0 0 1 * *"],
  ["monthly at 9:00", "0 9 1 * *"],
  ["monthly on the 15th at 9:00", "0 9 15 * *"],
  ["monthly on the 1st and 15th", "0 0 1,15 * *"],
  ["every month on 31", "0 0 31 * *"],
  ["yearly", "0 0 1 1 *"],
  ["annually at 6:00", "0 6 1 1 *"],
  ["never", "never"],
  ["Never", "never"],
])("%s is %s", (text, expected) => {
  expect(meaning(text)).toBe(expected);
});

test.each([
  ["0 9 * * 1-5", "0 9 * * 1-5"],
  ["  0   9 * * mon-fri ", "0 9 * * MON-FRI"],
  ["*/5 8-18/2 1,15 jan-mar,dec 0,7", "*/5 8-18/2 1,15 JAN-MAR,DEC 0,7"],
  ["0 0 29 2 *", "0 0 29 2 *"],
])("cron %s is taken as %s", (text, expected) => {
  expect(meaning(text)).toBe(expected);
});

describe("what a cron field allows", () => {
  const fieldsOf = (text: string) => {
    const parsed = parseSchedule(text);
    return "fields" in parsed ? parsed.fields : null;
  };

  test("values, ranges, steps and names, sorted", () => {
    expect(fieldsOf("50,*/20 22-23 10-20/5 feb,6-7 fri-sun")).toEqual({
      minutes: [0, 20, 40, 50],
      hours: [22, 23],
      daysOfMonth: [10, 15, 20],
      months: [2, 6, 7],
      daysOfWeek: [0, 5, 6],
    });
  });

  test("Sunday is 0 and 7, and every second day of the week begins with it", () => {
    expect(fieldsOf("0 0 * * 7")?.daysOfWeek).toEqual([0]);
    expect(fieldsOf("0 0 * * 5-7")?.daysOfWeek).toEqual([0, 5, 6]);
    expect(fieldsOf("0 0 * * */2")?.daysOfWeek).toEqual([0, 2, 4, 6]);
  });

  test.each(["0 0 1-31 * *", "0 0 */1 * 1", "0 0 1 * 0-6", "0 0 1 * 1-7"])("%s is every day", (text) => {
    expect(fieldsOf(text)).toMatchObject({ daysOfMonth: null, daysOfWeek: null });
  });
});

test.each([
  ["0 9 * *", /4 fields/],
  ["0 0 9 * * 1-5", /6 fields.*five/],
  ["60 * * * *", /"60" is no minute/],
  ["0 24 * * *", /"24" is no hour/],
  ["0 0 0 * *", /"0" is no day of the month/],
  ["0 0 32 * *", /"32"/],
  ["0 0 * 13 *", /"13" is no month/],
  ["0 0 * * 8", /"8" is no day of the week/],
  ["*/0 * * * *", /"\*\/0"/],
  ["*/61 * * * *", /"\*\/61"/],
  ["0 0 * * 1-5/8", /"1-5\/8"/],
  ["*/x * * * *", /"\*\/x"/],
  ["1/2/3 * * * *", /"1\/2\/3"/],
  ["5-1 * * * *", /"5-1"/],
  ["1-2-3 * * * *", /"1-2-3"/],
  ["1,,2 * * * *", /"" is no minute/],
  ["0 0 30 2 *", /never comes/],
  ["0 0 31 4,6,9,11 *", /never comes/],
  ["", /not a schedule/],
  ["sometimes", /"sometimes" is not a schedule/],
  ["daily at 25:00", /"25:00" is not a time of day/],
  ["daily at 9", /"9" is not a time of day/],
  ["daily at 13pm", /not a time/],
  ["daily at 9:00 and 17:30", /different minutes/],
  ["daily at 9:00 and soon", /not a time of day/],
  ["daily at 9:00 at 10:00", /not a schedule/],
  ["daily on monday", /not a schedule/],
  ["blursdays", /not a schedule/],
  ["m at 9:00", /not a schedule/],
  ["monthly on the 32nd", /not a schedule/],
  ["hourly at 9:00", /no minute of the hour/],
  ["every 0 minutes", /not an interval/],
  ["every 366 days", /not an interval/],
  ["every 30 seconds", /more often than AWS/],
])("%s is refused", (text, message) => {
  const fault = faultOf(text);
  expect(fault.message).toMatch(message);
  expect(fault.fix).not.toBe("");
});

test("what other schedulers write is answered in their words", () => {
  expect(faultOf("cron(0 9 ? * 2-6 *)").message).toContain("as AWS writes");
  expect(faultOf("rate(5 minutes)").fix).toContain("0 9 * * 1-5");
  expect(faultOf("0 0 ? * 1").fix).toContain("no ?, L, W or #");
  expect(faultOf("0 0 L * *").fix).toContain("no ?, L, W or #");
  expect(faultOf("5/15 * * * *").fix).toContain("5-59/15");
});

test("handlers are told cron, or the words that cron has none for", () => {
  const told = (text: string) => {
    const parsed = parseSchedule(text);
    return "message" in parsed ? null : cronTextOf(parsed);
  };
  expect(["weekdays at 9:00", "0  9 * * *", "every 45 minutes", "never"].map(told)).toEqual([
    "0 9 * * 1-5",
    "0 9 * * *",
    "every 45 minutes",
    "never",
  ]);
});
