import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

/** A queue whose first attempt runs `misdeed`, and whose second is fine. */
const queue = (name: string, misdeed: string) => `
  import { note } from "#lib/journal.js";
  export const config = { timeout: 1, retries: 3, backoff: "none" } as const;
  export default async function (payload: unknown, { attempt }: { attempt: number }) {
    note("${name}", { attempt });
    if (attempt > 1) return;
    ${misdeed}
  }`;

const route = (misdeed: string, timeout = 1) => `
  export const config = { timeout: ${timeout} };
  export async function get() {
    ${misdeed}
  }`;

const misdeeds = {
  never: "await new Promise(() => {});",
  loop: "for (;;);",
  exit: "process.exit(3);",
  memory: "const all: unknown[] = []; for (;;) all.push(new Array(1_000_000).fill(all.length));",
};

const files: Record<string, string> = {
  "lib/journal.ts": journalSource,
  "queues/well.ts": queue("well", ""),
  "api/well.ts": route('return "well";'),
};
for (const [name, misdeed] of Object.entries(misdeeds)) {
  files[`queues/${name}.ts`] = queue(name, misdeed);
  // Memory is to end before the time does. All routes are one function, so this is also when the loop is ended.
  files[`api/${name}.ts`] = route(misdeed, name === "memory" ? 10 : 1);
}

/** A loop that never yields is ended with its function: after its timeout of one second, and ten to report. */
const BACK_WITHIN_MS = 45_000;

describe.concurrent("a handler that misbehaves", { timeout: BACK_WITHIN_MS + 20_000 }, () => {
  let project: TemporaryProject;
  let server: DevServer;

  beforeAll(async () => {
    project = makeProject(files, { keep: true });
    server = await startDev(project.folder, { keep: true });
  });

  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  it.each([
    ["never returns", "never", /tim(e|ed) ?out|time is up|timeout/i],
    ["never yields", "loop", /tim(e|ed) ?out|time is up|timeout/i],
    ["ends its process", "exit", /exit/i],
    ["takes all memory", "memory", /memory/i],
  ])("and %s costs its job an attempt, and is told of", async (_, name, said) => {
    await server.sqs.send(name, "x");
    const attempts = await journalOf(project.folder).until(name, 2, { deadlineMs: BACK_WITHIN_MS });
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
    await server.printed(said);
    await server.sqs.drained(name);
  });

  it.each([
    ["never returns", "never", [504]],
    ["never yields", "loop", [504]],
    ["ends its process", "exit", [500, 502]],
    ["takes all memory", "memory", [500, 502]],
  ])("and %s answers its request with an error", async (_, name, statuses) => {
    const response = await server.fetch(`/${name}`);
    expect(statuses).toContain(response.status);
    expect(await response.text()).not.toContain(project.folder);
    expect(await (await server.fetch("/well")).text()).toBe("well");
  });

  it("keeps nobody else from running", async () => {
    await server.sqs.send("well", "x");
    await journalOf(project.folder).until("well", 1, { deadlineMs: 10_000 });
    expect(await (await server.fetch("/well")).text()).toBe("well");
  });
});

it("ends a handler that takes all memory for buffers, which V8 does not bound", async () => {
  const misdeed = "const all: unknown[] = []; for (;;) all.push(Buffer.alloc(20_000_000, 1));";
  const project = makeProject(
    {
      "lib/journal.ts": journalSource,
      "queues/buffers.ts": queue("buffers", misdeed),
      "api/well.ts": route('return "well";'),
    },
    { keep: true },
  );
  const server = await startDev(project.folder, { keep: true });
  try {
    await server.sqs.send("buffers", "x");
    await server.printed(/memory/i);
    expect(await (await server.fetch("/well")).text()).toBe("well");
    const attempts = await journalOf(project.folder).until("buffers", 2, { deadlineMs: BACK_WITHIN_MS });
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
  } finally {
    await server.stop();
    project.dispose();
  }
});
