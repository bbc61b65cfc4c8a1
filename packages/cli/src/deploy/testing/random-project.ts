import type { IamStatement } from "@queue-run/runtime/config";
import type { TestProject } from "./test-project.js";

/** For tests: numbers that look random and are the same for the same seed. */
export type Chance = {
  /** From 0 up to, not including, 1. */
  next: () => number;
  chance: (share: number) => boolean;
  pick: <T>(values: readonly T[]) => T;
  some: <T>(values: readonly T[], share: number) => T[];
};

/** @param next - from 0 up to, not including, 1 */
export function chanceFrom(next: () => number): Chance {
  return {
    next,
    chance: (share) => next() < share,
    pick: (values) => values[Math.floor(next() * values.length)] as (typeof values)[number],
    some: (values, share) => values.filter(() => next() < share),
  };
}

const STATEMENTS: readonly IamStatement[] = [
  { Action: "s3:GetObject", Resource: "*" },
  { Action: ["s3:PutObject", "s3:GetObject"], Resource: ["arn:aws:s3:::a/*"] },
  { Action: "s3:PutObject", Resource: "arn:aws:s3:::b/*" },
  { Effect: "Deny", Action: "s3:DeleteObject", Resource: "*" },
];

/** For tests: any small project, of few names, so that one often has what another had. */
export function randomProject({ chance, pick, some }: Chance): TestProject {
  const names = some(["emails", "orders.fifo", "orders", "reports"], 0.6);
  const queues = Object.fromEntries(
    names.map((name) => {
      const fifo = name.endsWith(".fifo");
      const settings = {
        timeoutSeconds: pick([10, 60, 150]),
        batchSize: fifo ? pick([1, 2, 5]) : pick([1, 10]),
        batchWindowSeconds: fifo ? 0 : pick([0, 5]),
        concurrency: pick([null, null, 4, 20]),
        retentionSeconds: pick([3_600, 86_400]),
        memoryMegabytes: pick([null, 512]),
        permissions: some(STATEMENTS, 0.2),
      };
      return [name, settings];
    }),
  );
  const schedules = Object.fromEntries(
    some(["nightly", "weekly"], 0.5).map((name) => [
      name,
      {
        when: pick(["0 9 * * *", "0 9 1 * 1", "every 45 minutes", "never"]),
        overlap: pick(["skip", "allow"] as const),
        retries: pick([0, 1]),
      },
    ]),
  );
  const ids = [
    ...names.map((name) => `queue:${name}`),
    ...Object.keys(schedules).map((name) => `schedule:${name}`),
    "api",
    "socket",
  ];
  return {
    queues,
    schedules,
    routes: chance(0.6) ? { "/": {} } : {},
    ...(chance(0.4) && { socket: { timeoutSeconds: pick([10, 29]) } }),
    settings: {
      env: chance(0.3) ? { COLOUR: pick(["red", "blue"]) } : {},
      tags: chance(0.2) ? { team: pick(["a", "b"]) } : {},
      http: chance(0.3) ? "api-gateway" : "url",
      permissions: some(STATEMENTS, 0.1),
      ...(chance(0.2) && { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } }),
    },
    code: Object.fromEntries(ids.map((id) => [id, pick(["a", "b", "c"])])),
    sources: Object.fromEntries(ids.map((id) => [id, sourceOf(some(names, 0.3), chance(0.05), chance(0.3))])),
    parameter: chance(0.3) ? { KEY_A: pick(["1", "2"]), COLOUR: "green" } : {},
  };
}

function sourceOf(names: readonly string[], isOpaque: boolean, usesSocket: boolean): string {
  const pushes = names.map((name) => `queues(${JSON.stringify(name)});`);
  return `import { queues, socket } from "queue-run";\n${usesSocket ? "socket.send(1);" : ""}${pushes.join("\n")}${isOpaque ? "use(queues);" : ""}`;
}
