import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeStage, startSqs, wireTo } from "../harness/stage.js";
import { startProcess } from "../harness/started-process.js";
import { makeProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

/** Handlers that wait until a file called "open" is there, for as long as a test likes. */
const waiting = `
  import { existsSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  import { queues } from "queue-run";
  import { note } from "#lib/journal.js";
  export default async function (payload: unknown, { receivedCount }: { receivedCount: number }) {
    note("started", { payload, receivedCount });
    while (!existsSync("open")) await sleep(10);
    note("finished", { payload });
  }`;

const files = {
  "lib/journal.ts": journalSource,
  "queues/jobs.ts": `${waiting}\nexport const queue = queues.self();`,
  "queues/ordered.fifo.ts": `${waiting}\nexport const queue = queues.self.fifo();`,
  "api/index.ts": `
    import { queue } from "#queues/jobs.js";
    export const get = () => ({ stage: process.env.QUEUE_RUN_STAGE, env: process.env.NODE_ENV });
    export const post = queue.http;`,
};
const names = ["jobs", "ordered.fifo"];

/** As long as a message is kept invisible for a process that has died, and a bit. */
const KEPT_MS = 31_000;

const json = (value: unknown) => ({
  method: "POST",
  body: JSON.stringify(value),
  headers: { "content-type": "application/json" },
});

describe("start", () => {
  it("serves routes and runs jobs of a stage in one process, and says how it is", async () => {
    const { endpoint } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, names);
    const keys = "[their]\naws_access_key_id = a\naws_secret_access_key = b\n";
    const project = makeProject({ ...files, open: "", keys });
    // Credentials that only the SDK's chain finds, for handlers' own pushes too.
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...withoutKeys } = env;
    const profile = { AWS_PROFILE: "their", AWS_SHARED_CREDENTIALS_FILE: project.path("keys") };
    const server = await startProcess(project.folder, { ...withoutKeys, ...profile });
    expect(await (await server.fetch("/")).json()).toEqual({ stage: "prod", env: "production" });
    const pushed = await server.fetch("/", json({ n: 1 }));
    expect(pushed.status).toBe(202);
    await sqs.send("ordered.fifo", "a", { MessageGroupId: "g", MessageDeduplicationId: "1" });
    const journal = journalOf(project.folder);
    await journal.until("finished", 2);
    await sqs.drained("jobs");
    await sqs.drained("ordered.fifo");
    expect(await server.health()).toEqual({ code: 200, status: "ok", polling: 2, running: 0 });
    expect((await server.fetch("/_queue-run")).status).toBe(404);
    expect(await server.end("SIGTERM")).toBe(0);
    expect(existsSync(project.path(".queue-run/start"))).toBe(true);
    const lines: Record<string, unknown>[] = server.command
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const metrics = lines.filter((line) => "_aws" in line);
    expect(metrics.reduce((sum, { Jobs }) => sum + Number(Jobs), 0)).toBe(2);
    for (const line of lines) if (!metrics.includes(line)) expect(line).toHaveProperty("level");
    expect(server.command.stderr()).toBe("");
  });

  it("runs what `build -o` left, without sources and without writing", async () => {
    const { endpoint } = await startSqs();
    const { env } = await makeStage(endpoint, names);
    const project = makeProject({ ...files, open: "" });
    expect(await runCommand(["build", "-o", "out"], { cwd: project.folder })).toMatchObject({ code: 0 });
    for (const folder of ["queues", "api", "lib", ".queue-run"]) project.remove(folder);
    const server = await startProcess(project.folder, env, ["--build", "out"]);
    await server.fetch("/", json({ n: 1 }));
    await journalOf(project.folder).until("finished", 1);
    expect(await server.end("SIGTERM")).toBe(0);
    expect(existsSync(project.path(".queue-run"))).toBe(false);
  });

  it("warns when a build is started for another stage than it was made for", async () => {
    const { endpoint } = await startSqs();
    const { env } = await makeStage(endpoint, names);
    const project = makeProject({ ...files, open: "" });
    await runCommand(["build", "-o", "out", "--stage", "staging"], { cwd: project.folder });
    const server = await startProcess(project.folder, env, ["--build", "out", "--stage", "prod"]);
    expect(server.command.stdout()).toMatch(/"level":"WARN".*was built for the stage staging/);
    const missing = await runCommand(["start", "--build", "nothing"], { cwd: project.folder, env });
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("QR_NO_BUILD") });
  });

  it("names each queue that is not there, and the command that makes it", async () => {
    const { endpoint } = await startSqs();
    const { env } = await makeStage(endpoint, ["jobs"]);
    const project = makeProject(files);
    const { code, stderr } = await runCommand(["start", "--port", "0"], { cwd: project.folder, env });
    expect(code).toBe(1);
    expect(stderr).toContain("test-project-prod-ordered.fifo is not there in us-east-1");
    expect(stderr).toContain("queue-run deploy --stage prod");
    expect(stderr).not.toContain("test-project-prod-jobs");
  });

  it("serves a project without queues where there is no AWS", async () => {
    const project = makeProject({ "api/index.ts": 'export const get = () => "hello";' });
    const server = await startProcess(project.folder, {});
    expect(await (await server.fetch("/")).text()).toBe("hello");
    expect(await server.health()).toMatchObject({ code: 200, polling: 0 });
    expect(await server.end("SIGINT")).toBe(0);
  });

  it("polls only the queues, and serves only what it is told to", async () => {
    const { endpoint } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, names);
    const project = makeProject({ ...files, open: "" });
    await sqs.send("jobs", "not for this one");
    const one = await startProcess(project.folder, env, ["--queues", "ordered.fifo", "--no-http"]);
    await sqs.send("ordered.fifo", "a", { MessageGroupId: "g", MessageDeduplicationId: "1" });
    const journal = journalOf(project.folder);
    await journal.until("finished", 1);
    expect(await one.health()).toMatchObject({ code: 200, polling: 1 });
    expect((await one.fetch("/")).status).toBe(404);
    await one.end("SIGTERM");
    const none = await startProcess(project.folder, env, ["--no-queues"]);
    expect((await none.fetch("/")).status).toBe(200);
    expect(await none.health()).toMatchObject({ code: 200, polling: 0 });
    expect(journal.entries("started").map(({ payload }) => payload)).toEqual(["a"]);
    const wrong = await runCommand(["start", "--queues", "job"], { cwd: project.folder, env });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean "jobs"?') });
  });
});

describe("start, with many clients", () => {
  it("answers requests side by side, streams too, and tells them apart in its log", async () => {
    const { endpoint } = await startSqs();
    const { env } = await makeStage(endpoint, names);
    const project = makeProject({
      ...files,
      "api/wait/[n].ts": `
        import { existsSync } from "node:fs";
        import { setTimeout as sleep } from "node:timers/promises";
        import type { HttpRequest } from "queue-run";
        import { note } from "#lib/journal.js";
        export const get = async ({ params: { n } }: HttpRequest<unknown, { n: string }>) => {
          note("asked");
          while (!existsSync("open")) await sleep(10);
          console.log("answering %s", n);
          return new Response(new Blob([n]).stream());
        };`,
    });
    const server = await startProcess(project.folder, env);
    const answers = Array.from({ length: 150 }, (_, n) => server.fetch(`/wait/${n}`));
    await journalOf(project.folder).until("asked", 150);
    project.write("open", "");
    const responses = await Promise.all(answers);
    const texts = await Promise.all(responses.map((response) => response.text()));
    expect(texts).toEqual(texts.map((_, n) => String(n)));
    await server.end("SIGTERM");
    const logged = server.command
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const [n, response] of responses.entries()) {
      const line = logged.find(({ message }) => message === `answering ${n}`);
      expect(line?.requestId).toBe(response.headers.get("x-request-id"));
    }
  });

  it("cuts off a handler that blocks its thread, and goes on answering meanwhile", async () => {
    const { endpoint } = await startSqs();
    const { env } = await makeStage(endpoint, names);
    const project = makeProject({
      ...files,
      "api/index.ts": "export const config = { timeout: 1 } as const;\nexport const get = () => null;",
      "api/block.ts":
        "export const config = { timeout: 1 } as const;\nexport const get = () => { for (;;); };",
    });
    const server = await startProcess(project.folder, env);
    const blocked = server.fetch("/block");
    for (let count = 0; count < 20; count++) expect((await server.fetch("/")).status).toBe(204);
    expect((await blocked).status).toBe(504);
    expect((await server.fetch("/")).status).toBe(204);
  });
});

describe("start, when its process is killed", () => {
  it("gives back, within half a minute, only what had not finished", async () => {
    const { endpoint, clock } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, names);
    const project = makeProject(files);
    const journal = journalOf(project.folder);
    const first = await startProcess(project.folder, env);
    await sqs.send("jobs", "a");
    await sqs.send("ordered.fifo", "1", { MessageGroupId: "g", MessageDeduplicationId: "1" });
    await sqs.send("ordered.fifo", "2", { MessageGroupId: "g", MessageDeduplicationId: "2" });
    await journal.until("started", 2);
    await first.end("SIGKILL");

    project.write("open", "");
    await startProcess(project.folder, env);
    expect(await sqs.counts("jobs")).toMatchObject({ visible: 0, inFlight: 1 });
    clock.advance(KEPT_MS);
    await journal.until("finished", 3);
    const finished = journal.entries("finished").map(({ payload }) => payload);
    expect(finished.filter((payload) => payload !== "a")).toEqual(["1", "2"]);
    const again = journal.entries("started").filter(({ receivedCount }) => receivedCount === 2);
    expect(again.map(({ payload }) => payload).sort()).toEqual(["1", "a"]);
    await sqs.drained("jobs");
    await sqs.drained("ordered.fifo");
  });
});

describe("start, on SIGTERM", () => {
  it("takes nothing new, finishes what runs, and ends with 0", async () => {
    const { endpoint } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, names);
    const project = makeProject(files);
    const journal = journalOf(project.folder);
    const server = await startProcess(project.folder, env);
    await sqs.send("jobs", "runs");
    await journal.until("started", 1);
    server.command.signal("SIGTERM");
    await server.command.printed("finishing what runs");
    await sqs.send("jobs", "late");
    project.write("open", "");
    expect((await server.command.ended).code).toBe(0);
    expect(journal.entries("finished").map(({ payload }) => payload)).toEqual(["runs"]);
    expect(await sqs.counts("jobs")).toMatchObject({ visible: 1, inFlight: 0 });
  });

  it("goes on answering requests while jobs run, and says that it is stopping", async () => {
    const { endpoint } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, names);
    const project = makeProject(files);
    const server = await startProcess(project.folder, env);
    await sqs.send("jobs", "runs");
    await journalOf(project.folder).until("started", 1);
    server.command.signal("SIGTERM");
    await waitFor("the health endpoint to say so", async () => (await server.health()).code === 503);
    expect(await server.health()).toMatchObject({ status: "stopping", running: 1 });
    expect((await server.fetch("/")).status).toBe(200);
    project.write("open", "");
    expect((await server.command.ended).code).toBe(0);
  });

  it("answers requests that are under way, and takes no more", async () => {
    const { endpoint } = await startSqs();
    const { env } = await makeStage(endpoint, names);
    const project = makeProject({
      ...files,
      "api/slow.ts": `
        import { existsSync } from "node:fs";
        import { setTimeout as sleep } from "node:timers/promises";
        import { note } from "#lib/journal.js";
        export const get = async () => {
          note("asked");
          while (!existsSync("open")) await sleep(10);
          return "done";
        };`,
    });
    const server = await startProcess(project.folder, env);
    const kept = await server.fetch("/");
    await kept.text();
    const slow = server.fetch("/slow");
    await journalOf(project.folder).until("asked", 1);
    server.command.signal("SIGTERM");
    const isClosed = () =>
      server.fetch("/").then(
        () => false,
        () => true,
      );
    await waitFor("the port to be closed", isClosed);
    project.write("open", "");
    expect(await (await slow).text()).toBe("done");
    expect((await server.command.ended).code).toBe(0);
  });

  it("gives back at once what does not finish within the grace", async () => {
    const { endpoint } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, names);
    const project = makeProject(files);
    const server = await startProcess(project.folder, env, ["--grace", "200ms"]);
    await sqs.send("jobs", "a");
    for (const n of ["1", "2"])
      await sqs.send("ordered.fifo", n, { MessageGroupId: "g", MessageDeduplicationId: n });
    await journalOf(project.folder).until("started", 2);
    expect(await server.end("SIGTERM")).toBe(0);
    expect(await sqs.counts("jobs")).toMatchObject({ visible: 1, inFlight: 0 });
    expect(await sqs.counts("ordered.fifo")).toMatchObject({ visible: 2, inFlight: 0 });
    const taken = await sqs.take("ordered.fifo", 2);
    expect(taken.map(({ Body }) => Body)).toEqual(["1", "2"]);
  });

  it("ends at once when it is told twice", async () => {
    const { endpoint } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, names);
    const project = makeProject(files);
    const server = await startProcess(project.folder, env);
    await sqs.send("jobs", "a");
    await journalOf(project.folder).until("started", 1);
    server.command.signal("SIGTERM");
    await server.command.printed("finishing what runs");
    expect(await server.end("SIGTERM")).toBe(143);
  });
});

describe("start, with handlers of every kind", () => {
  const module = (body: string, config = "") => `
    import { queues } from "queue-run";
    import { note } from "#lib/journal.js";
    ${config}
    export const queue = queues.self();
    export default async (payload: string) => { note("started", { payload }); ${body} note("finished", { payload }); };`;

  it("a job that ends its process or blocks its thread costs the others nothing, and ends as a dead letter", async () => {
    const { endpoint, clock } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, ["poison", "blocking", "good"]);
    const none = "export const config = { retries: 0, backoff: 'none', batchSize: 1, timeout: 1 } as const;";
    const project = makeProject({
      "lib/journal.ts": journalSource,
      "queues/poison.ts": module(`if (payload === "poison") process.exit(1);`, none),
      "queues/blocking.ts": module(`if (payload === "block") for (;;);`, none),
      "queues/good.ts": module(""),
    });
    const journal = journalOf(project.folder);
    const server = await startProcess(project.folder, env);
    await sqs.send("poison", "poison");
    await sqs.send("blocking", "block");
    for (const queue of ["poison", "blocking", "good"]) await sqs.send(queue, `fine in ${queue}`);
    const fine = () => journal.entries("finished").map(({ payload }) => payload);
    await waitFor("the others", () => fine().length === 3);
    expect(await server.health()).toMatchObject({ code: 200 });
    // Whatever backoff a job that ends its process has: SQS's clock is moved on.
    await waitFor("the dead letter", async () => {
      clock.advance(1_000);
      return (await sqs.counts("poison-dlq")).visible === 1;
    });
    await sqs.drained("poison");
    expect(server.command.stdout()).toContain("the handler ended its process (exit code 1)");
    expect(journal.entries("started").filter(({ payload }) => payload === "poison")).toHaveLength(6);
  });

  it("a retry comes after its own backoff, while the rest of its delivery still runs", async () => {
    const { endpoint, clock } = await startSqs();
    const { sqs, env } = await makeStage(endpoint, ["mixed"]);
    const project = makeProject({
      "lib/journal.ts": journalSource,
      "queues/mixed.ts": `
        import { existsSync } from "node:fs";
        import { setTimeout as sleep } from "node:timers/promises";
        import { note } from "#lib/journal.js";
        export const config = { backoff: "linear", backoffDelay: "5s", retries: 3 } as const;
        export default async (payload: string) => {
          note("started", { payload });
          if (payload === "fails") throw new Error("no");
          while (!existsSync("open")) await sleep(10);
        };`,
    });
    const journal = journalOf(project.folder);
    await sqs.send("mixed", "lasts");
    await sqs.send("mixed", "fails");
    await startProcess(project.folder, env);
    await journal.until("started", 2);
    await waitFor("the second attempt", async () => {
      clock.advance(250);
      return journal.entries("started").filter(({ payload }) => payload === "fails").length === 2;
    });
    expect(journal.entries("started").filter(({ payload }) => payload === "lasts")).toHaveLength(1);
    project.write("open", "");
  });
});

describe("start, when SQS cannot be reached", () => {
  it("keeps trying, tells of it, and goes on where it was", async () => {
    const { endpoint } = await startSqs();
    const wire = await wireTo(endpoint);
    const { sqs } = await makeStage(endpoint, names);
    const { env } = await makeStage(wire.endpoint, []);
    const project = makeProject({ ...files, open: "" });
    const server = await startProcess(project.folder, env);
    const journal = journalOf(project.folder);
    await sqs.send("jobs", "before");
    await journal.until("finished", 1);
    wire.cut();
    await server.command.printed("Polling jobs failed, again in");
    await sqs.send("jobs", "meanwhile");
    expect(await server.health()).toMatchObject({ code: 200 });
    wire.mend();
    await journal.until("finished", 2);
    await server.command.printed(/Polling jobs works again/);
    await sqs.drained("jobs");
    expect(await server.end("SIGTERM")).toBe(0);
  });
});
