import { expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { startDev } from "../harness/dev-server.js";
import { makeProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const FILES = {
  "api/index.ts": 'import { queue } from "#queues/first.js"; export const post = queue.http;',
  "queues/first.ts": `
    import { queues } from "queue-run";
    export const queue = queues.self<{ n: number }>();
    export default async () => {
      console.log("first runs", { headers: { cookie: "sid=s3cret" } });
      await queues.get("second").push({ n: 2 });
    };`,
  "queues/second.ts": "export default () => console.log('second runs');",
  "schedules/daily.ts": `
    import { queues } from "queue-run";
    export const schedule = "daily";
    export default () => queues.get("second").push({ n: 3 });`,
};

type Told = { event: string; text?: string; source: { handler: string; traceId: string | null } };

it("follows a request through its jobs, and a schedule's run through its own, in development", async () => {
  const project = makeProject(FILES);
  const server = await startDev(project.folder, { arguments: ["--json"] });
  try {
    const told = (): Told[] =>
      server.command
        .stdout()
        .split("\n")
        .filter((line) => line.startsWith("{") && line.includes('"source"'))
        .map((line) => JSON.parse(line));
    const tracesOf = (event: string, handler: string) =>
      told()
        .filter((each) => each.event === event && each.source.handler === handler)
        .map(({ source }) => source.traceId);
    const finished = (handler: string, count: number) =>
      waitFor(`${count} jobs of ${handler}`, () => tracesOf("jobFinished", handler).length >= count);

    await server.post("/", '{"n":1}', { "content-type": "application/json" });
    await finished("second", 1);
    const [own] = tracesOf("response", "POST /");
    expect(own).toMatch(/^[0-9a-f]{32}$/);
    expect(tracesOf("jobStarted", "first")).toEqual([own]);
    expect(tracesOf("log", "first")).toEqual([own]);
    expect(tracesOf("jobFinished", "second")).toEqual([own]);

    const traceId = "5759e988bd862e3fe1be46a994272793";
    await server.post("/", '{"n":1}', {
      "content-type": "application/json",
      traceparent: `00-${traceId}-53995c3f42cd8ad8-01`,
    });
    await finished("second", 2);
    expect(tracesOf("jobFinished", "second")).toEqual([own, traceId]);

    const run = await runCommand(["dev", "schedule", "daily"], { cwd: project.folder });
    expect(run.code).toBe(0);
    await finished("second", 3);
    const [ofRun] = tracesOf("jobFinished", "daily");
    expect(tracesOf("jobFinished", "second")).toEqual([own, traceId, ofRun]);
    expect(ofRun).not.toBe(own);

    expect(server.command.output()).not.toContain("s3cret");
  } finally {
    await server.stop();
  }
});

it("makes spans of the same with the project's own OpenTelemetry", async () => {
  const project = makeProject(
    {
      ...FILES,
      "package.json": JSON.stringify({
        name: "app",
        type: "module",
        dependencies: { "@opentelemetry/api": "*", "@opentelemetry/sdk-trace-node": "*" },
      }),
      "index.ts": `
        import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
        const exporter = {
          export(spans, done) {
            for (const span of spans) console.log("SPAN", span.name, span.spanContext().traceId);
            done({ code: 0 });
          },
          async shutdown() {},
        };
        new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();`,
    },
    { packages: ["@opentelemetry/api", "@opentelemetry/sdk-trace-node"] },
  );
  const server = await startDev(project.folder);
  try {
    await server.post("/", '{"n":1}', { "content-type": "application/json" });
    await server.printed(/SPAN process second/);
    const spans = [...server.command.output().matchAll(/SPAN (.+) ([0-9a-f]{32})/g)];
    expect(spans.map(([, name]) => name).sort()).toEqual([
      "POST /",
      "process first",
      "process second",
      "send first",
      "send second",
    ]);
    expect(new Set(spans.map(([, , traceId]) => traceId)).size).toBe(1);
  } finally {
    await server.stop();
  }
});
