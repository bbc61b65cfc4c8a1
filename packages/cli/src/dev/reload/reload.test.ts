import {
  defaultQueueSettings,
  defaultRouteSettings,
  defaultScheduleSettings,
} from "@queue-run/runtime/config";
import { beforeEach, describe, expect, it } from "vitest";
import type { Manifest, Problem, ProjectReading } from "../../project/read-project.js";
import { createReload } from "./reload.js";

const root = "/project";
const queue = (name: string) => ({
  name,
  fifo: false,
  file: `queues/${name}.ts`,
  jobs: ["default"],
  batch: false,
  settings: defaultQueueSettings(false),
});
const route = (path: string) => ({
  path,
  file: `api${path}.ts`,
  exports: ["get"],
  settings: defaultRouteSettings(),
  middleware: ["api/_middleware.ts"],
});
const manifest: Manifest = {
  root,
  name: "test",
  settings: {},
  queues: [queue("one"), queue("two")],
  routes: [route("/a"), route("/b")],
  schedules: [
    {
      name: "daily",
      file: "schedules/daily.ts",
      expression: { kind: "never", text: "never" },
      settings: defaultScheduleSettings(),
    },
  ],
  socket: null,
  index: "index.ts",
};
const broken: Problem = {
  code: "QR_SYNTAX_ERROR",
  file: "x.ts",
  line: 1,
  column: 1,
  message: "Bad.",
  fix: "Mend it.",
};

let reading: ProjectReading;
let reaching: Record<string, string[]>;
let problemsOf: Record<string, Problem[]>;
let applied: Record<string, string[]>[];
let told: string[];
let isEnvironmentNew: boolean;
let textOf: (file: string) => string | null;
let nowMs: number;
let reload: (files: string[]) => Promise<void>;

beforeEach(() => {
  reading = { manifest, warnings: [] };
  reaching = {};
  problemsOf = {};
  applied = [];
  told = [];
  isEnvironmentNew = false;
  textOf = () => "text";
  nowMs = 0;
  const nothing = () => {};
  reload = createReload({
    root,
    reader: { read: async () => reading, update: async () => reading },
    code: {
      load: async () => {},
      moduleUrl: async (file) => file,
      invalidate: nothing,
      filesReaching: (changed) => [...changed].flatMap((file) => reaching[file] ?? []),
      rebuild: async (file) => problemsOf[file] ?? [],
      reached: () => new Set(),
    },
    project: {
      manifest: () => manifest,
      async apply(_, renewed) {
        applied.push(Object.fromEntries(renewed));
        return renewed.size > 0;
      },
      start: nothing,
      stop: async () => {},
      scheduler: () => null,
    },
    environment: { current: () => ({}), refresh: () => false, warn: () => told.push("warned") },
    refreshEnvironment: () => isEnvironmentNew,
    reporter: {
      serving: nothing,
      ready: nothing,
      event: nothing,
      output: nothing,
      batchFailed: nothing,
      runFailed: nothing,
      requestFailed: nothing,
      warning: nothing,
      info: nothing,
      flush: nothing,
      reloaded: (files) => told.push(`reloaded ${files.join()}`),
      problems: (problems) => told.push(...problems.map(({ message }) => message)),
    },
    textOf: (file) => textOf(file),
    now: () => nowMs,
  });
});

describe("a saved file", () => {
  it("renews the functions whose code reaches it, and no others", async () => {
    reaching["/project/lib/x.ts"] = ["queues/two.ts", "api/b.ts"];
    await reload(["/project/lib/x.ts"]);
    expect(applied).toEqual([{ "queue:two": ["queues/two.ts"], api: ["api/b.ts"] }]);
    expect(told).toEqual(["reloaded lib/x.ts"]);
  });

  it("renews a schedule's function, and has its file loaded ahead", async () => {
    reaching["/project/lib/x.ts"] = ["schedules/daily.ts"];
    await reload(["/project/lib/x.ts"]);
    expect(applied).toEqual([{ "schedule:daily": ["schedules/daily.ts"] }]);
  });

  it("renews the API when it is middleware", async () => {
    reaching["/project/api/_middleware.ts"] = ["api/_middleware.ts"];
    await reload(["/project/api/_middleware.ts"]);
    expect(Object.keys(applied[0] ?? {})).toEqual(["api"]);
  });

  it.each([
    ["index.ts, which every function loads", "/project/index.ts", ["index.ts"]],
    ["package.json, which says how every file is built", "/project/package.json", []],
  ])("renews everything when it is %s", async (_, file, reached) => {
    reaching[file] = reached;
    await reload([file]);
    expect(Object.keys(applied[0] ?? {}).sort()).toEqual(["api", "queue:one", "queue:two", "schedule:daily"]);
  });

  it("that nothing reaches is not worth a word", async () => {
    await reload(["/project/lib/unused.ts"]);
    expect(applied).toEqual([{}]);
    expect(told).toEqual([]);
  });

  it("that shapes the environment is taken up, with a warning for what is missing", async () => {
    isEnvironmentNew = true;
    await reload(["/project/.env"]);
    expect(told).toEqual(["warned", "reloaded .env"]);
  });
});

describe("a save", () => {
  const file = "/project/queues/one.ts";
  beforeEach(() => {
    reaching[file] = ["queues/one.ts"];
  });

  it("that is told of twice is taken up once", async () => {
    await reload([file]);
    await reload([file]);
    expect(applied).toHaveLength(1);
  });

  it("of another text is taken up, however soon it comes", async () => {
    await reload([file]);
    textOf = () => "another text";
    await reload([file]);
    expect(applied).toHaveLength(2);
  });

  it("of the same text is taken up when it is a save of its own", async () => {
    await reload([file]);
    nowMs = 200;
    await reload([file]);
    expect(applied).toHaveLength(2);
  });

  it("of a mistake, told of twice, is a mistake once", async () => {
    problemsOf["queues/one.ts"] = [broken];
    await reload([file]);
    await reload([file]);
    expect(told).toEqual(["Bad."]);
  });

  it("that is half written while it is built is built again, and nothing is said of the half", async () => {
    let text = "half";
    textOf = () => text;
    problemsOf = {
      get "queues/one.ts"() {
        const isHalf = text === "half";
        text = "whole";
        return isHalf ? [broken] : [];
      },
    };
    await reload([file]);
    expect(told).toEqual(["reloaded queues/one.ts"]);
    expect(applied).toHaveLength(1);
  });

  it("of a file that never comes to rest is taken up all the same", async () => {
    let writes = 0;
    textOf = () => `${writes++}`;
    await reload([file]);
    expect(applied).toHaveLength(1);
  });
});

describe("a file with a mistake", () => {
  it("changes nothing, and is told of", async () => {
    reaching["/project/queues/one.ts"] = ["queues/one.ts"];
    problemsOf["queues/one.ts"] = [broken];
    await reload(["/project/queues/one.ts"]);
    expect(applied).toEqual([]);
    expect(told).toEqual(["Bad."]);
  });

  it("is told of once, however many files reach it", async () => {
    reaching["/project/lib/x.ts"] = ["queues/one.ts", "queues/two.ts"];
    problemsOf = { "queues/one.ts": [broken], "queues/two.ts": [broken] };
    await reload(["/project/lib/x.ts"]);
    expect(told).toEqual(["Bad."]);
  });

  it("that makes the project unreadable changes nothing either", async () => {
    reading = { problems: [broken] };
    await reload(["/project/queues/one.ts"]);
    expect(applied).toEqual([]);
    expect(told).toEqual(["Bad."]);
  });

  it("is taken up with the next change, when that mends the project", async () => {
    reaching["/project/queues/one.ts"] = ["queues/one.ts"];
    reading = { problems: [broken] };
    await reload(["/project/queues/one.ts"]);
    reading = { manifest, warnings: [] };
    await reload(["/project/lib/added.ts"]);
    expect(applied).toEqual([{ "queue:one": ["queues/one.ts"] }]);
  });
});
