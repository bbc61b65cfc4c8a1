import type { CommandEntry } from "./command.js";

/** Every command, in the order in which `--help` lists them. */
export const commands: CommandEntry[] = [
  { name: "init", description: "make a new project that runs", load: () => import("./init.js") },
  { name: "dev", description: "run the project on this machine", load: () => import("./dev.js") },
  { name: "build", description: "bundle the project's functions", load: () => import("./build.js") },
  { name: "deploy", description: "put the project on AWS", load: () => import("./deploy.js") },
  {
    name: "status",
    description: "what is deployed, and what waits in its queues",
    load: () => import("./status.js"),
  },
  {
    name: "metrics",
    description: "how the deployed functions and queues have fared",
    load: () => import("./metrics.js"),
  },
  {
    name: "env",
    description: "the variables of a deployed stage: ls, get, set, rm",
    load: () => import("./env.js"),
  },
  { name: "versions", description: "the deploys of a stage", load: () => import("./versions.js") },
  {
    name: "rollback",
    description: "make an earlier deploy serve again",
    load: () => import("./rollback.js"),
  },
  { name: "logs", description: "what the deployed functions have written", load: () => import("./logs.js") },
  { name: "queue", description: "push a job to a deployed queue", load: () => import("./queue.js") },
  { name: "schedule", description: "run a deployed schedule now", load: () => import("./schedule.js") },
  {
    name: "failed",
    description: "jobs that have failed for good on AWS: list, show, retry, edit, purge",
    load: () => import("./failed.js"),
  },
  { name: "delete", description: "remove a stage and all that is in it", load: () => import("./delete.js") },
  {
    name: "policy",
    description: "the least that IAM must allow whoever deploys",
    load: () => import("./policy.js"),
  },
  { name: "cost", description: "estimate what a month on AWS costs", load: () => import("./cost.js") },
  {
    name: "start",
    description: "serve HTTP and poll a stage's queues, in a container",
    load: () => import("./start.js"),
  },
  {
    name: "exec",
    description: "run a script whose queues() work",
    load: () => import("./exec.js"),
  },
  { name: "types", description: "write .queue-run/types.d.ts", load: () => import("./types.js") },
  {
    name: "completion",
    description: "print a completion script for a shell",
    load: () => import("./completion.js"),
  },
];
