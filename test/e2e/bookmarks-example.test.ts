import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { browserMissing, startBrowser } from "../harness/browser.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { servePage } from "../harness/page.js";
import { connectSocket } from "../harness/socket-client.js";
import { copyProject, type TemporaryProject } from "../harness/temporary-project.js";

type Bookmark = { id: string; url: string; owner: string | null };

/** The main example's users; what needs none is in first-five-minutes.test.ts. */
describe("the bookmarks of users", () => {
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

  async function signIn(name: string): Promise<{ cookie: string }> {
    const body = new URLSearchParams({ name });
    const response = await server.fetch("/session", { method: "POST", body, redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/page"]);
    return { cookie: response.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  }

  it("belong to whoever added them, who alone may delete them", async () => {
    const page = await servePage("<title>Mine</title>");
    const [ada, eve] = [await signIn("Ada"), await signIn("Eve")];
    const body = new URLSearchParams({ url: page.url });
    const added = await server.fetch("/bookmarks", { method: "POST", body, headers: ada });
    const { id, owner } = (await added.json()) as Bookmark;
    expect(owner).toBe("Ada");
    const remove = async (headers: Record<string, string>) =>
      (await server.fetch(`/bookmarks/${id}`, { method: "DELETE", headers })).status;
    expect(await remove({})).toBe(401);
    expect(await remove({ cookie: "session=../../secrets" })).toBe(401);
    expect(await remove(eve)).toBe(403);
    expect(await remove(ada)).toBe(204);
    expect((await server.fetch(`/bookmarks/${id}`)).status).toBe(404);
  });

  it("are imported while the page looks on: it hears from the jobs of its own user, and nobody else does", async () => {
    const pages = [await servePage("<title>One</title>"), await servePage("<title>Two</title>")];
    const [ada, eve] = [await signIn("Ada"), await signIn("Eve")];
    const html = await (await server.fetch("/page", { headers: ada })).text();
    expect(html).toContain("Hello, Ada");
    const address = /data-socket="([^"]+)"/.exec(html)?.[1] ?? "";
    const ours = await connectSocket(address, { headers: ada });
    const theirs = await connectSocket(address, { headers: eve });
    expect(await theirs.ask("who?")).toEqual({ user: "Eve" });

    const headers = { ...ada, "content-type": "text/plain" };
    const body = pages.map(({ url }) => url).join("\n");
    expect((await server.fetch("/import", { method: "POST", body, headers })).status).toBe(202);
    await ours.received("the end of the import", (message) => (message as { done?: number }).done === 2);
    for (const title of ["One", "Two"])
      await ours.received(title, (message) => (message as { title?: string }).title === title);
    expect(ours.messages).toHaveLength(4);
    expect(theirs.messages).toEqual([{ user: "Eve" }]);
    const after = await (await server.fetch("/page", { headers: ada })).text();
    expect(after).toContain("<li>Two</li>");
    await Promise.all([ours.close(), theirs.close()]);
  });

  it.skipIf(browserMissing())("are imported in a browser: the bar fills, and titles appear", async () => {
    const pages = [await servePage("<title>Three</title>"), await servePage("<title>Four</title>")];
    const browser = await startBrowser();
    onTestFinished(() => browser.close());
    const tab = await browser.newPage();
    const errors: Error[] = [];
    tab.on("pageerror", (error) => errors.push(error));
    await tab.goto(`${server.url}/page`);
    await tab.getByLabel("Your name").fill("<b>Grace</b>");
    await tab.getByRole("button", { name: "Sign in" }).click();
    await tab.getByText("Hello, <b>Grace</b>").waitFor();
    await tab.getByLabel("Addresses").fill(pages.map(({ url }) => url).join("\n"));
    await tab.getByRole("button", { name: "Import" }).click();
    await tab.getByRole("listitem").filter({ hasText: "Three" }).waitFor();
    await tab.getByRole("listitem").filter({ hasText: "Four" }).waitFor();
    await tab.locator('progress[max="2"][value="2"]').waitFor();
    expect(errors).toEqual([]);
  });

  it("are there without signing in, on the page too", async () => {
    const html = await (await server.fetch("/page")).text();
    expect(html).toContain('action="/session"');
    expect(html).not.toContain("<script>");
    const none = await server.fetch("/session", { method: "POST", body: new URLSearchParams({ name: "" }) });
    expect(none.status).toBe(422);
  });
});
