import { html } from "hono/html";
import { payloadOf } from "../../deploy/manage/failed/dead-letter.js";
import { durationText } from "../../terminal/duration-text.js";
import type { PortableError } from "../worker/protocol.js";
import type { DashboardState } from "./read-dashboard.js";

/** A piece of a page, escaped. */
export type Html = ReturnType<typeof html>;

/** Characters of a payload, of a result and of a message that are shown. */
const MAX_TEXT_LENGTH = 2_000;
/** Characters of a trace's id, as in the terminal: its end. */
const TRACE_LENGTH = 8;

/** The parts of the dashboard that change: everything but the log. All that is not ours is escaped. */
export function content(state: DashboardState): Html {
  return html`${queuesSection(state)}${deadLettersSection(state)}${jobsSection(state)}${routesSection(state)}${schedulesSection(state)}`;
}

function queuesSection({ manifest, counts }: DashboardState): Html {
  if (manifest.queues.length === 0) return html``;
  const number = (value: number | null | undefined) => ((value ?? null) === null ? "–" : String(value));
  return html`<section id="queues"><h2>Queues</h2>
<table><thead><tr><th>queue</th><th>waiting</th><th>in flight</th><th>delayed</th><th>dead-lettered</th><th>file</th><th></th></tr></thead><tbody>
${manifest.queues.map(({ name, file }) => {
  const count = counts.get(name);
  return html`<tr data-queue="${name}"><td>${name}</td><td class="n">${number(count?.waiting)}</td><td class="n">${number(count?.inFlight)}</td><td class="n">${number(count?.delayed)}</td><td class="n ${(count?.dead ?? 0) > 0 ? "bad" : ""}">${number(count?.dead)}</td><td class="dim">${file}</td><td><button data-act="fill" data-queue="${name}">push…</button></td></tr>`;
})}
</tbody></table></section>`;
}

function deadLettersSection({ deadLetters, counts }: DashboardState): Html {
  if (deadLetters.length === 0) return html``;
  return html`<section id="failed"><h2>Dead letters</h2>
${deadLetters.map(
  ({
    queueName,
    letters,
  }) => html`<h3>${queueName} <span class="dim">${letters.length} of ${counts.get(queueName)?.dead ?? letters.length}</span>
<button data-act="retry" data-queue="${queueName}">retry all</button> <button data-act="purge" data-queue="${queueName}">purge all</button></h3>
${letters.map(
  (
    letter,
  ) => html`<details data-job="${letter.jobId}"><summary><code>${letter.jobId}</code>${letter.job === "default" ? "" : html` ${letter.job}`}${letter.groupId === null ? "" : html` <span class="dim">[${letter.groupId}]</span>`}
<span class="bad">${letter.failure ? `${letter.failure.error.name}: ${cut(letter.failure.error.message)}` : "moved here by SQS after very many receives"}</span>
<button data-act="retry" data-queue="${queueName}" data-job="${letter.jobId}">retry</button> <button data-act="purge" data-queue="${queueName}" data-job="${letter.jobId}">purge</button></summary>
<dl><dt>payload</dt><dd><pre>${cut(text(payloadOf(letter)))}</pre></dd>${
    letter.failure
      ? html`<dt>attempts</dt><dd>${letter.failure.attempts}</dd><dt>failed at</dt><dd>${letter.failure.failedAt}</dd><dt>error</dt><dd><pre>${cut(letter.failure.error.stack ?? letter.failure.error.message)}</pre></dd>`
      : ""
  }</dl></details>`,
)}`,
)}</section>`;
}

function jobsSection({ jobs }: DashboardState): Html {
  if (jobs.length === 0)
    return html`<section id="jobs"><h2>Recent jobs</h2><p class="dim">None yet.</p></section>`;
  return html`<section id="jobs"><h2>Recent jobs</h2>
<table><thead><tr><th>time</th><th>handler</th><th>job</th><th>state</th><th>attempt</th><th>took</th><th>trace</th><th></th></tr></thead><tbody>
${jobs.map(
  (job) =>
    html`<tr data-job="${job.jobId}"><td class="dim">${new Date(job.timeMs).toTimeString().slice(0, 8)}</td><td>${job.handler}</td><td><code>${job.jobId}</code>${job.job === "default" ? "" : html` ${job.job}`}${job.groupId === null ? "" : html` <span class="dim">[${job.groupId}]</span>`}</td><td class="${job.error ? "bad" : job.state === "done" ? "good" : ""}">${job.state}</td><td class="n">${job.attempt}/${job.maxAttempts}</td><td class="n">${job.durationMs === null ? "" : durationText(job.durationMs)}</td><td><code class="dim">${job.traceId?.slice(-TRACE_LENGTH) ?? ""}</code></td><td>${job.note ? html`<span class="dim">${job.note}</span> ` : ""}${job.error ? errorDetails(job.error) : ""}${job.record ? html`<details><summary>record: ${job.record.status}</summary><pre>${cut(text({ progress: job.record.progress, result: job.record.result }))}</pre></details>` : ""}</td></tr>`,
)}
</tbody></table></section>`;
}

function errorDetails(error: PortableError): Html {
  return html`<details><summary class="bad">${error.name}: ${cut(error.message)}</summary><pre>${cut(error.stack ?? "")}${error.cause ? `\ncaused by ${error.cause.name}: ${cut(error.cause.message)}` : ""}</pre></details>`;
}

function routesSection({ manifest, url }: DashboardState): Html {
  if (manifest.routes.length === 0) return html``;
  return html`<section id="routes"><h2>Routes</h2><table><tbody>
${manifest.routes.map(({ path, file, exports }) => {
  const isLink = !path.includes("[") && exports.some((name) => name === "get" || name === "default");
  return html`<tr><td>${isLink ? html`<a href="${url}${path}" rel="noreferrer">${path}</a>` : path}</td><td class="dim">${file}</td></tr>`;
})}
</tbody></table></section>`;
}

function schedulesSection({ manifest, nextRunMs }: DashboardState): Html {
  if (manifest.schedules.length === 0) return html``;
  return html`<section id="schedules"><h2>Schedules</h2><table><thead><tr><th>schedule</th><th>when</th><th>next run</th><th>file</th><th></th></tr></thead><tbody>
${manifest.schedules.map(({ name, file, expression, settings }) => {
  const atMs = nextRunMs(name);
  return html`<tr><td>${name}</td><td>${expression.text} <span class="dim">${settings.timezone}</span></td><td>${atMs === null ? "never by itself" : new Date(atMs).toISOString()}</td><td class="dim">${file}</td><td><button data-act="run" data-schedule="${name}">run now</button></td></tr>`;
})}
</tbody></table></section>`;
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array)
    return `${value.byteLength} bytes: ${Buffer.from(value).toString("base64")}`;
  return JSON.stringify(value, null, 2) ?? "";
}

function cut(value: string): string {
  const more = value.length - MAX_TEXT_LENGTH;
  return more > 0 ? `${value.slice(0, MAX_TEXT_LENGTH)}… (${more} characters more)` : value;
}
