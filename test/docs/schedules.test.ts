import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseSchedule } from "../../packages/cli/src/schedules/schedule-expression.js";
import { repository } from "../harness/repository.js";

it("the words that schedules may be written in are the cron that the page says", () => {
  const text = readFileSync(join(repository, "docs/schedules.md"), "utf8");
  const rows = [...text.matchAll(/^\| (`".*) \| (.*) \|$/gm)];
  expect(rows.length).toBeGreaterThan(7);
  for (const [, words = "", crons = ""] of rows) {
    const meanings = [...words.matchAll(/`"([^"]+)"`/g)].map(([, schedule = ""]) => {
      const parsed = parseSchedule(schedule);
      return "cron" in parsed ? parsed.cron : `${schedule}: none`;
    });
    const said = [...crons.matchAll(/`([^`]+)`/g)].map(([, cron]) => cron);
    expect(meanings).toEqual(said.length > 0 ? said : ["never: none"]);
  }
});
