import { describe } from "vitest";
import { describeCancelledJobs } from "./cancelled-jobs.js";
import { describeManyWorkers } from "./many-workers.js";
import { describePushedJobs } from "./pushed-jobs.js";
import { DEV_TABLE, MOTO_TABLE } from "./record-place.js";
import { useRecords } from "./record-world.js";
import { describeRunningJobs } from "./running-jobs.js";

/** How records behave: written once, and run in every table that they must behave in. */
for (const place of [DEV_TABLE, MOTO_TABLE]) {
  const missing = place.missing();
  if (missing) console.log(`Records in ${place.name} are skipped: ${missing}`);
  for (const losesAnswers of [false, true])
    describe.skipIf(missing)(
      `records in ${place.name}${losesAnswers ? ", every answer to a write lost once" : ""}`,
      () => {
        const world = useRecords(place, losesAnswers);
        describe("of jobs that run", () => describeRunningJobs(world));
        describe("of jobs that are pushed", () => describePushedJobs(world));
        describe("of jobs that are cancelled", () => describeCancelledJobs(world));
        describe("of jobs of many workers", () => describeManyWorkers(world, place.manyJobs));
      },
    );
}
