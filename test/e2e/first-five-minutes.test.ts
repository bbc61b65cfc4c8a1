import { ListQueuesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { answered, type DevServer, startDev } from "../harness/dev-server.js";
import { servePage } from "../harness/page.js";
import { copyProject, type TemporaryProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

type Bookmark = { id: string; url: string; title: string | null; visits: number; lastFrom: string };

/** What a new user does first, with the main example: each test is a line of it. */
describe("the first five minutes", () => {
  let project: TemporaryProject;
  let server: DevServer;

  beforeAll(async () => {
    project = copyProject("examples/bookmarks", { keep: true });
    server = await startDev(project.folder, { keep: true });
  });

  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const bookmarks = async () => (await (await server.fetch("/bookmarks")).json()) as Bookmark[];
  const titled = (url: string, title: string) =>
    waitFor(`the title of ${url}`, async () =>
      (await bookmarks()).find((it) => it.url === url && it.title === title),
    );

  it("answers as soon as it says that it is ready", async () => {
    expect(await (await server.fetch("/")).text()).toContain("Bookmarks");
  });

  it("takes a form, stores it and lets a job do the rest", async () => {
    const page = await servePage("<title>Ada’s page</title>");
    const response = await server.fetch("/bookmarks", {
      method: "POST",
      body: new URLSearchParams({ url: page.url }),
    });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as Bookmark;
    expect(response.headers.get("location")).toBe(`/bookmarks/${id}`);
    await titled(page.url, "Ada’s page");
    expect(await (await server.fetch(`/bookmarks/${id}`)).json()).toMatchObject({
      id,
      title: "Ada’s page",
      visits: 0,
    });
  });

  it("refuses a bookmark without a URL, and knows no bookmark that is not there", async () => {
    const refused = await server.fetch("/bookmarks", {
      method: "POST",
      body: new URLSearchParams({ url: "nonsense" }),
    });
    expect([refused.status, await refused.json()]).toEqual([422, { error: "url must be a URL" }]);
    expect((await server.fetch("/bookmarks/nobody")).status).toBe(404);
  });

  it("runs a job for a JSON body posted into a queue", async () => {
    const page = await servePage("<title>From JSON</title>");
    await server.post("/import", JSON.stringify({ url: page.url }), { "content-type": "application/json" });
    await titled(page.url, "From JSON");
  });

  it("runs a job for a form posted into a queue", async () => {
    const page = await servePage("<title>From a form</title>");
    await server.post("/import", new URLSearchParams({ url: page.url }));
    await titled(page.url, "From a form");
  });

  it("runs a job for a text posted into a queue", async () => {
    const one = await servePage("<title>Line one</title>");
    const two = await servePage("<title>Line two</title>");
    await server.post("/import", `${one.url}\n${two.url}\n`, { "content-type": "text/plain" });
    await titled(one.url, "Line one");
    await titled(two.url, "Line two");
  });

  it("runs a FIFO double submit once, and a different one as well", async () => {
    const page = await servePage("<title>Visited</title>");
    await server.post("/import", new URLSearchParams({ url: page.url }));
    const { id } = await titled(page.url, "Visited");
    const visit = (visitId: string, from: string) =>
      server.post(`/visits/${id}/${visitId}`, new URLSearchParams({ from }));
    const first = await visit("visit-1", "newsletter");
    expect(await visit("visit-1", "newsletter")).toBe(first);
    const second = await visit("visit-2", "search");
    expect(second).not.toBe(first);
    const visited = await waitFor("the last visit to be counted", async () =>
      (await bookmarks()).find((it) => it.id === id && it.lastFrom === "search"),
    );
    expect(visited.visits).toBe(2);
  });

  it("retries a failing job with backoff, then leaves it in the dead-letter queue with its error", async () => {
    const page = await servePage("out of order");
    page.answer.status = 500;
    const response = await server.fetch("/bookmarks", {
      method: "POST",
      body: new URLSearchParams({ url: page.url }),
    });
    const { id } = (await response.json()) as Bookmark;
    const [deadLetter] = await server.sqs.take("fetch-title-dlq", 1, { deadlineMs: 40_000 });
    expect(JSON.parse(deadLetter?.Body ?? "")).toEqual({ id, url: page.url });
    expect(JSON.stringify(deadLetter?.MessageAttributes)).toContain("answered 500");
    expect(page.requests).toHaveLength(4);
    const gaps = page.requests.slice(1).map((at, index) => at - (page.requests[index] ?? 0));
    for (const [index, atLeast] of [800, 1600, 3200].entries())
      expect(gaps[index]).toBeGreaterThanOrEqual(atLeast);
    await server.sqs.drained("fetch-title");
    await server.printed("answered 500");
    // The page is back, and the schedule that asks again need not be waited for.
    page.answer.status = 200;
    const asked = await runCommand(["dev", "schedule", "missing-titles"], { cwd: project.folder });
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    await titled(page.url, page.url);
  });

  it("serves an edit before they have switched windows", async () => {
    const file = "api/index.ts";
    project.write(file, project.read(file).replace(/return .*/, 'return "edited";'));
    await answered(server, "/", "edited", { deadlineMs: 5_000 });
  });

  it("talks to AWS's own SDK", async () => {
    const { QueueUrls = [] } = await server.sqs.client.send(new ListQueuesCommand({}));
    expect(QueueUrls.map((url) => url.replace(/^.*\//, "")).sort()).toEqual([
      "fetch-title",
      "fetch-title-dlq",
      "import",
      "import-dlq",
      "update-counts-dlq.fifo",
      "update-counts.fifo",
    ]);
    const page = await servePage("<title>From the SDK</title>");
    await server.sqs.send("import", JSON.stringify({ url: page.url }));
    await titled(page.url, "From the SDK");
  });

  it("keeps waiting jobs over a restart", async () => {
    await server.sqs.send("import", "https://waiting.invalid", { DelaySeconds: 2 });
    await server.stop();
    server = await startDev(project.folder, { keep: true });
    await waitFor("the waiting job to run", async () =>
      (await bookmarks()).some((it) => it.url === "https://waiting.invalid"),
    );
    const { Messages = [] } = await server.sqs.client.send(
      new ReceiveMessageCommand({ QueueUrl: server.sqs.urlOf("import") }),
    );
    expect(Messages).toEqual([]);
  });
});
