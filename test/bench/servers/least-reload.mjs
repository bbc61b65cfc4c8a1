/**
 * The least that a save can take: a bare server watches one folder, has a worker waiting, lets that import the saved file
 * as it is (JavaScript; nothing is checked, built or kept), and hands it each request. Its argument: the file.
 */
import { watch } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

const [file] = process.argv.slice(2);
const WORKER = `
  const { parentPort } = require("node:worker_threads");
  let module;
  parentPort.on("message", async ({ url, id }) => {
    if (url) module = import(url);
    else parentPort.postMessage({ id, text: (await module).get() });
  });
  // What importing takes is loaded.
  import("data:text/javascript,");
`;

const answers = new Map();
let requests = 0;
function startWorker() {
  const worker = new Worker(WORKER, { eval: true });
  worker.on("message", ({ id, text }) => {
    answers.get(id)?.end(text);
    answers.delete(id);
  });
  return worker;
}

let current = null;
let spare = startWorker();
let versions = 0;
function load() {
  if (!spare) return;
  const before = current;
  current = spare;
  spare = null;
  current.postMessage({ url: `${pathToFileURL(file).href}?${++versions}` });
  // When nobody waits any more.
  setTimeout(() => {
    before?.terminate();
    spare = startWorker();
  }, 100);
}
load();

watch(dirname(file), (_, name) => {
  if (name === basename(file)) load();
});
createServer((_, response) => {
  const id = ++requests;
  answers.set(id, response);
  current.postMessage({ id });
}).listen(0, "127.0.0.1", function () {
  console.log(`listening on http://127.0.0.1:${this.address().port}`);
});
