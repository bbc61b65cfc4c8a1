import { createHash } from "node:crypto";
import {
  defaultQueueSettings,
  defaultRouteSettings,
  defaultScheduleSettings,
  defaultSocketSettings,
  type ProjectConfig,
  type QueueSettings,
  type RouteSettings,
  type ScheduleSettings,
  type SocketSettings,
} from "@queue-run/runtime/config";
import { sourceUsesOf } from "../../build/source-uses.js";
import type { Manifest } from "../../project/manifest.js";
import { parseSchedule } from "../../schedules/schedule-expression.js";
import type { DesiredState, StageScope } from "../desired/desired-state.js";
import { type DeployInput, desiredState } from "../desired/make-desired-state.js";

/** For tests: as much of a project as a deploy looks at. */
export type TestProject = {
  /** By name; what is left out has its default. */
  queues?: Readonly<Record<string, Partial<QueueSettings>>>;
  schedules?: Readonly<Record<string, Partial<ScheduleSettings> & { when?: string }>>;
  /** By path of the route. */
  routes?: Readonly<Record<string, Partial<RouteSettings>>>;
  /** Whether it has a socket; its settings where they are not the defaults. */
  socket?: Partial<SocketSettings>;
  settings?: ProjectConfig;
  /** The text that a function was made from, by its id. */
  sources?: Readonly<Record<string, string>>;
  /** Anything that makes the code of functions other code, by id. */
  code?: Readonly<Record<string, string>>;
  parameter?: Readonly<Record<string, string>>;
  flags?: Readonly<Record<string, string>>;
};

export const TEST_SCOPE: StageScope = {
  project: "shop",
  stage: "prod",
  partition: "aws",
  account: "123456789012",
  region: "eu-west-1",
};

/** For tests: what a deploy of a project knows. */
export function testInput(project: TestProject, scope: StageScope = TEST_SCOPE): DeployInput {
  const manifest = testManifest(project);
  const ids = [
    ...manifest.queues.map(({ name }) => `queue:${name}`),
    ...manifest.schedules.map(({ name }) => `schedule:${name}`),
    ...(manifest.routes.length > 0 ? ["api"] : []),
    ...(manifest.socket ? ["socket"] : []),
  ];
  const usesOf = sourceUsesOf(manifest.queues, (file) => project.sources?.[file.replace(/\.ts$/, "")] ?? "");
  return {
    manifest,
    scope,
    variables: { parameter: project.parameter ?? {}, flags: project.flags ?? {} },
    packages: ids.map((id) => ({
      id,
      codeSha256: createHash("sha256").update(`${id} ${project.code?.[id]}`).digest("base64"),
      bytes: 1_000,
      handler: "index.handler",
      uses: usesOf([`${id}.ts`]),
    })),
  };
}

/** For tests: what a stage is to be by a project's files. */
export function testDesired(project: TestProject, scope: StageScope = TEST_SCOPE): DesiredState {
  return desiredState(testInput(project, scope));
}

function testManifest({
  queues = {},
  schedules = {},
  routes = {},
  settings = {},
  socket,
}: TestProject): Manifest {
  return {
    root: "/shop",
    name: TEST_SCOPE.project,
    settings,
    queues: Object.entries(queues).map(([name, own]) => {
      const fifo = name.endsWith(".fifo");
      const file = `queues/${name}.ts`;
      return {
        name,
        fifo,
        file,
        jobs: ["default"],
        batch: false,
        settings: { ...defaultQueueSettings(fifo), ...own },
      };
    }),
    schedules: Object.entries(schedules).map(([name, { when = "0 9 * * *", ...own }]) => {
      const expression = parseSchedule(when);
      if (!("kind" in expression)) throw new Error(expression.message);
      return {
        name,
        file: `schedules/${name}.ts`,
        expression,
        settings: { ...defaultScheduleSettings(), ...own },
      };
    }),
    routes: Object.entries(routes).map(([path, own]) => ({
      path,
      file: `api${path}.ts`,
      exports: ["get"],
      settings: { ...defaultRouteSettings(), ...own },
      middleware: [],
    })),
    socket: socket
      ? { file: "socket/index.ts", middleware: null, settings: { ...defaultSocketSettings(), ...socket } }
      : null,
    index: null,
  };
}
