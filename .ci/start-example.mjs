/** Runs the README's command that starts the main example, posts to it with HTTP, and stops it with Ctrl-C. */
import { spawn } from "node:child_process";

const READY = /Dev server listening on (http:\/\/localhost:\d+)/;
const DEADLINE_MS = 180_000;

const child = spawn("npm", ["start"], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
const timer = setTimeout(() => end(`not ready after ${DEADLINE_MS / 1000} s`), DEADLINE_MS);
let output = "";
child.stdout.setEncoding("utf8").on("data", async (text) => {
  process.stdout.write(text);
  const wasReady = READY.test(output);
  output += text;
  const url = READY.exec(output)?.[1];
  if (url && !wasReady) await tryOut(url).catch((error) => end(String(error)));
});
child.on("close", (code) => {
  clearTimeout(timer);
  if (!process.exitCode && !stopped) {
    console.error(`npm start ended by itself, with ${code}`);
    process.exitCode = 1;
  }
});
let stopped = false;

async function tryOut(url) {
  const response = await fetch(`${url}/import`, {
    method: "POST",
    body: new URLSearchParams({ url: `${url}/` }),
  });
  if (response.status !== 202) throw new Error(`POST /import was answered ${response.status}`);
  for (let tries = 0; tries < 200; tries++) {
    const bookmarks = await (await fetch(`${url}/bookmarks`)).json();
    if (bookmarks.some((bookmark) => bookmark.url === `${url}/` && bookmark.title)) return end();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The bookmark's title was never fetched");
}

function end(failure) {
  stopped = true;
  if (failure) {
    console.error(failure);
    process.exitCode = 1;
  }
  // The group: npm, its shell, and the server.
  process.kill(-child.pid, "SIGINT");
}
