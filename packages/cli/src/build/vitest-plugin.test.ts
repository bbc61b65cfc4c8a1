import { expect, onTestFinished, test } from "vitest";
import { temporaryProject } from "../project/temporary-project.js";
import { queueRun } from "./vitest-plugin.js";

function start(files: Record<string, string>) {
  const project = temporaryProject(files);
  onTestFinished(project.dispose);
  const plugin = queueRun();
  plugin.configResolved({ root: project.root });
  return { ...project, plugin };
}

test("gives each queue and route its own queue-run, and everything else the same one", () => {
  const { plugin, path } = start({ "queues/emails.ts": "", "api/orders/[id].ts": "", "lib/x.ts": "" });
  const text = (file: string) => plugin.load(plugin.resolveId("queue-run", path(file)) ?? "");
  expect(text("queues/emails.ts")).toContain('bindQueues({"queue":"emails","fifo":false})');
  expect(text("api/orders/[id].ts")).toContain('bindUrl("/orders/[id]")');
  const plain = plugin.resolveId("queue-run", path("lib/x.ts"));
  expect(plain).toMatch(/runtime\/(src|dist)\/index\.[jt]s$/);
  expect(text("queues/emails.ts")).toContain(`export * from ${JSON.stringify(plain)}`);
});

test("has projects of queue-run/testing load their files through Vitest", () => {
  const { plugin, path, root } = start({ "queues/emails.ts": "", "test/emails.test.ts": "" });
  const id = plugin.resolveId("queue-run/testing", path("test/emails.test.ts"));
  const text = plugin.load(id ?? "");
  expect(text).toContain(`root: ${JSON.stringify(root)}`);
  expect(text).toMatch(/from ".*\/cli\/(src|dist)\/testing\/start-project\.[jt]s"/);
  expect(plugin.resolveId("vitest", id ?? "")).toBeNull();
});

test("resolves the project's own names, and leaves all others to Vite", () => {
  const { plugin, path } = start({ "queues/emails.ts": "", "lib/x.ts": "" });
  const from = path("queues/emails.ts");
  expect(plugin.resolveId("#lib/x.js", from)).toBe(path("lib/x.ts"));
  expect(plugin.resolveId("#/lib/x.js", `${from}?query`)).toBe(path("lib/x.ts"));
  expect(plugin.resolveId("#queues/emails.js", from)).toBe(from);
  for (const id of ["./x.js", "vitest", "node:fs", "#lib/nope.js"])
    expect(plugin.resolveId(id, from)).toBeNull();
  expect(plugin.load(from)).toBeNull();
});
