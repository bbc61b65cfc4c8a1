import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserMissing, startBrowser } from "../harness/browser.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = browserMissing();
if (missing) console.log(`The dashboard's page is not tried: ${missing}`);

/** Would call alert, if it were ever anything but text. */
const EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>';

const FILES = {
  "queues/emails.ts": `
    import { existsSync } from "node:fs";
    export const config = { retries: 0 };
    export default (payload) => {
      console.log("sending", payload);
      if (!existsSync("mended")) throw new Error(${JSON.stringify(EVIL)});
    };`,
  "schedules/daily.ts": 'export const schedule = "daily"; export default () => console.log("ran daily");',
};

describe.skipIf(missing)("the dashboard's page", () => {
  let project: TemporaryProject;
  let server: DevServer;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    project = makeProject(FILES, { keep: true });
    [server, browser] = await Promise.all([startDev(project.folder, { keep: true }), startBrowser()]);
    page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    page.on("dialog", (dialog) => {
      if (dialog.type() === "alert") complaints.push(`alert: ${dialog.message()}`);
      void dialog.accept();
    });
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${server.url}/_queue-run`);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    project?.dispose();
  });

  it("pushes a job, shows how it fails, sends it again and removes it, by its buttons alone", async () => {
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByRole("button", { name: "push…" }).click();
    await page.getByLabel("payload").fill(JSON.stringify({ to: EVIL }));
    await page.getByRole("button", { name: "push", exact: true }).click();
    await page.locator("#told", { hasText: /^Pushed / }).waitFor();

    const letter = page.locator("#failed details");
    await letter.getByText(EVIL).first().waitFor();
    expect(await page.locator("#queues td.bad").textContent()).toBe("1");
    await letter.locator("summary").first().click();
    await letter.getByText('"to": "<img').waitFor();

    project.write("mended", "");
    await letter.getByRole("button", { name: "retry" }).click();
    await page.locator("#told", { hasText: "Sent again: 1." }).waitFor();
    await page.locator("#jobs td.good", { hasText: "done" }).waitFor();
    await page.locator("#failed").waitFor({ state: "detached" });

    project.remove("mended");
    await page.getByLabel("payload").fill("again");
    await page.getByRole("button", { name: "push", exact: true }).click();
    await page.getByRole("button", { name: "purge all" }).click();
    await page.locator("#failed").waitFor({ state: "detached" });
    await page.locator("#log", { hasText: "sending again" }).waitFor();
  });

  it("runs a schedule", async () => {
    await page.getByRole("button", { name: "run now" }).click();
    await page.locator("#told", { hasText: /^daily ran in / }).waitFor();
    await page.locator("#log", { hasText: "ran daily" }).waitFor();
  });

  it("runs nothing that it shows, and breaks none of its own rules", () => {
    expect(complaints).toEqual([]);
  });
});
