/**
 * Prints "N passed, N failed" (", N skipped" when there are any) from vitest's JSON reports, and fails when a test or a
 * stage failed.
 *
 *   node .ci/sum-up.mjs FOLDER FAILED_STAGES
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder = ".", failedStages = "0"] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const report = JSON.parse(readFileSync(join(folder, file), "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  // A file that could not be loaded has no tests to count.
  for (const result of report.testResults)
    if (result.status === "failed" && !result.assertionResults.some((test) => test.status === "failed"))
      failed++;
}
// A stage without tests (lint, types, an install) counts when nothing else tells of its failure.
if (failed === 0) failed = Number(failedStages);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;
