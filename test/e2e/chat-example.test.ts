import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserMissing, startBrowser } from "../harness/browser.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { copyProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = browserMissing();
if (missing) console.log(`The chat example in a browser is skipped: ${missing}`);

describe.skipIf(missing)("the chat example in a browser", () => {
  let project: TemporaryProject;
  let server: DevServer;
  let browser: Browser;
  beforeAll(async () => {
    project = copyProject("examples/chat", { keep: true });
    [server, browser] = await Promise.all([startDev(project.folder, { keep: true }), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    project?.dispose();
  });

  async function join(name: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(server.url);
    // What is shown for a moment only is noted as it is shown.
    await page.evaluate(`
      notices = [];
      new MutationObserver(() => notices.push(document.getElementById("notice").textContent))
        .observe(document.getElementById("notice"), { childList: true, characterData: true, subtree: true });
    `);
    await page.fill("input[name=name]", name);
    await page.click("text=Join");
    await page.waitForSelector("#chat:not([hidden])");
    return page;
  }
  async function say(page: Page, to: string, text: string): Promise<void> {
    await page.fill("input[name=to]", to);
    await page.fill("input[name=text]", text);
    await page.click("text=Send");
  }
  const sees = (page: Page, line: string) => page.waitForSelector(`#log li:text-is("${line}")`);
  const notice = (page: Page, text: string) =>
    expect.poll(() => page.evaluate("notices"), { timeout: 20_000 }).toContain(text);

  it("takes messages from window to window, tells how far the bot is, and comes back after a restart", async () => {
    const ada = await join("ada");
    await sees(ada, "bot → ada: Welcome, ada!");
    const secondTab = await join("ada");
    const bob = await join("bob");
    await sees(bob, "bot → bob: Welcome, bob!");

    await say(ada, "bob", "Hi <b>Bob</b>");
    for (const page of [ada, secondTab, bob]) await sees(page, "ada → bob: Hi <b>Bob</b>");
    await say(ada, "eve", "Anybody?");
    await notice(ada, "eve is not here");
    await say(bob, "bot", "What is 20 + 22?");
    await notice(bob, "bot is thinking (33%)");
    await sees(bob, "bot → bob: 20 + 22 = 42");
    expect(await ada.locator("#log li").allTextContents()).toEqual([
      "bot → ada: Welcome, ada!",
      "ada → bob: Hi <b>Bob</b>",
      "ada → eve: Anybody?",
    ]);

    await bob.close();
    await expect
      .poll(async () => {
        await say(ada, "bob", "Still there?");
        return ada.evaluate("notices");
      })
      .toContain("bob is not here");

    const { port, sqsPort } = server;
    await server.kill();
    await notice(ada, "Connecting …");
    server = await startDev(project.folder, { keep: true, port, sqsPort });
    await expect
      .poll(() => ada.locator('#log li:text-is("bot → ada: Welcome, ada!")').count(), { timeout: 20_000 })
      .toBe(2);
    await notice(secondTab, "Connecting …");
    await secondTab.waitForFunction("connection.readyState === 1");
    await say(ada, "ada", "Back again");
    for (const page of [ada, secondTab]) await sees(page, "ada → ada: Back again");
  });
});
