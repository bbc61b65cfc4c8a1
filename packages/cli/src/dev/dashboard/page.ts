import { html } from "hono/html";
import { content, type Html } from "./content.js";
import type { DashboardState } from "./read-dashboard.js";

/** The dashboard's page, as it is when it is opened; its script keeps it up to date. */
export function page(state: DashboardState): Html {
  const { name, queues } = state.manifest;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name} · queue-run</title><link rel="stylesheet" href="/_queue-run/dashboard.css"><link rel="icon" href="data:,">
<script src="/_queue-run/dashboard.js" defer></script></head>
<body><header><h1>${name}</h1><span class="dim"><a href="${state.url}">${state.url}</a> · SQS ${state.sqsEndpoint}</span><span id="live" class="dim"></span></header>
<main id="content">${content(state)}</main>
${
  queues.length === 0
    ? ""
    : html`<section><h2>Push a job</h2><form id="push"><select name="queue" aria-label="queue">${queues.map((queue) => html`<option>${queue.name}</option>`)}</select>
<input name="group" placeholder="group" aria-label="group" size="12"><input name="delay" placeholder="delay, as 5m" aria-label="delay" size="12"><input name="job" placeholder="job" aria-label="job" size="12">
<textarea name="payload" rows="4" aria-label="payload" placeholder='{"json": true}, or a text'></textarea><button>push</button></form></section>`
}
<p id="told" role="status"></p>
<section><h2>Log</h2><pre id="log"></pre></section></body></html>`;
}
