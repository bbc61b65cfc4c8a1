import { expect, test } from "vitest";
import { manifestOf, problemsOf } from "./understand-files.js";

const HANDLER = "export default async function () {}";

const scheduleOf = (text: string) => manifestOf({ "schedules/daily.ts": text }).schedules[0];

/** "line code message → fix" of each problem. */
function problemsIn(text: string, file = "schedules/daily.ts"): string[] {
  return problemsOf({ [file]: text }).map(
    ({ line, code, message, fix }) => `${line} ${code} ${message} → ${fix}`,
  );
}

test("a schedule's times and settings, with defaults", () => {
  expect(scheduleOf(`export const schedule = "weekdays at 9:00";\n${HANDLER}`)).toEqual({
    name: "daily",
    file: "schedules/daily.ts",
    expression: {
      kind: "cron",
      text: "weekdays at 9:00",
      cron: "0 9 * * 1-5",
      fields: {
        minutes: [0],
        hours: [9],
        daysOfMonth: null,
        months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        daysOfWeek: [1, 2, 3, 4, 5],
      },
    },
    settings: {
      timeoutSeconds: 300,
      timezone: "UTC",
      overlap: "skip",
      retries: 0,
      memoryMegabytes: null,
      permissions: [],
    },
  });
});

test("every setting, through constants of the file", () => {
  const text = `
    import type { ScheduleConfig } from "queue-run";
    const MINUTES = 15;
    export const schedule = \`every \${MINUTES} minutes\` as const;
    export const config = {
      timeout: "10m", timezone: "Europe/Berlin", overlap: "allow", retries: 2, memory: "1GB",
      permissions: [{ Action: "s3:GetObject", Resource: "*" }],
    } satisfies ScheduleConfig;
    export const helper = () => {};
    ${HANDLER}`;
  expect(scheduleOf(text)).toMatchObject({
    expression: { kind: "cron", cron: "*/15 * * * *" },
    settings: {
      timeoutSeconds: 600,
      timezone: "Europe/Berlin",
      overlap: "allow",
      retries: 2,
      memoryMegabytes: 1024,
      permissions: [{ Action: "s3:GetObject", Resource: "*" }],
    },
  });
});

test("CommonJS files are schedules too", () => {
  const schedules = manifestOf({
    "schedules/daily.cjs": 'exports.schedule = "daily"; exports.default = () => {};',
  }).schedules;
  expect(schedules).toMatchObject([{ name: "daily", expression: { cron: "0 0 * * *" } }]);
});

test("a file that does not say when, or has nothing to run", () => {
  expect(problemsIn(HANDLER)).toEqual([
    expect.stringMatching(/^null QR_NO_SCHEDULE .* → Add, say, export const schedule = "daily at 9:00"/),
  ]);
  expect(problemsIn('export const schedule = "daily";')).toEqual([
    expect.stringMatching(/^null QR_NO_HANDLER .* → Add export default/),
  ]);
  expect(problemsIn('export const schedule = "daily";\nexport default 5;')).toEqual([
    expect.stringMatching(/^2 QR_NOT_A_HANDLER/),
  ]);
  expect(problemsIn('export const schedule = "daily";\nexport * from "./_run.js";')).toEqual([
    expect.stringMatching(/^2 QR_NO_HANDLER/),
  ]);
});

test("a schedule that cannot be read, or that only running the file would tell", () => {
  expect(problemsIn(`${HANDLER}\nexport const schedule = "0 9 * *";`)).toEqual([
    expect.stringMatching(/^2 QR_INVALID_SCHEDULE "0 9 \* \*" has 4 fields/),
  ]);
  expect(problemsIn(`${HANDLER}\nexport const schedule = 15;`)).toEqual([
    expect.stringMatching(/^2 QR_INVALID_SCHEDULE schedule is 15\./),
  ]);
  expect(problemsIn(`${HANDLER}\nexport const schedule = process.env.SCHEDULE;`)).toEqual([
    expect.stringMatching(/^2 QR_NOT_STATIC schedule is /),
  ]);
});

test("every setting that cannot be is told of, each with its line", () => {
  const text = `export const schedule = "daily";
${HANDLER}
export const config = {
  timeout: 0,
  timezone: "Europe/Berln",
  overlap: "queue",
  retries: 3,
  memory: 64,
  permissions: "s3:*",
  concurrency: 2,
};`;
  const problems = problemsIn(text);
  expect(problems.map((problem) => problem.split(" ", 2).join(" "))).toEqual(
    [4, 5, 6, 7, 8, 9, 10].map((line) => `${line} QR_INVALID_CONFIG`),
  );
  expect(problems[1]).toContain('Did you mean "Europe/Berlin"?');
  expect(problems[3]).toContain("push a job to a queue");
  expect(
    problemsIn(`export const schedule = "daily"; ${HANDLER}\nexport const config = { timezone: 2 };`),
  ).toEqual([expect.stringMatching(/^2 QR_INVALID_CONFIG config\.timezone is 2\./)]);
});

test("names that AWS does not take, and two files of one name", () => {
  const text = `export const schedule = "daily"; ${HANDLER}`;
  expect(problemsIn(text, "schedules/at night.ts")).toEqual([
    expect.stringMatching(/^null QR_INVALID_SCHEDULE_NAME "at night"/),
  ]);
  expect(problemsIn(text, "schedules/daily.report.ts")).toEqual([
    expect.stringMatching(/QR_INVALID_SCHEDULE_NAME/),
  ]);
  expect(problemsOf({ "schedules/a.js": text, "schedules/a.ts": text })).toMatchObject([
    { code: "QR_DUPLICATE_SCHEDULE", file: "schedules/a.ts" },
  ]);
});
