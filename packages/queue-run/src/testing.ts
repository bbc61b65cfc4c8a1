/** Projects in tests: `const project = await startProject()`. With Vitest, beside its plugin "queue-run/vitest". */
export type {
  ChaosOptions,
  DeadLetteredJob,
  DrainReport,
  InjectedFault,
  JobRun,
  ProjectClock,
  PushedJob,
  StartOptions,
  TestProject,
  TimeSpan,
} from "@queue-run/cli/testing";
export { startProject } from "@queue-run/cli/testing";
