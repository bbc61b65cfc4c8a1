/** Keeps the dashboard up to date, and sends what its buttons ask for. Plain JavaScript: it is served as it is. */
const BASE = "/_queue-run";
const REFRESH_EVERY_MS = 5_000;
const MAX_LOG_LENGTH = 200_000;

const content = document.getElementById("content");
const log = document.getElementById("log");
const told = document.getElementById("told");
const live = document.getElementById("live");
const form = document.getElementById("push");

let refreshing = false;
let isStale = false;

async function refresh() {
  if (refreshing) {
    isStale = true;
    return;
  }
  refreshing = true;
  isStale = false;
  try {
    const response = await fetch(`${BASE}/content`);
    if (response.ok) replaceContent(await response.text());
  } catch {
    // The server is away: the log's connection says so, and comes back by itself.
  }
  refreshing = false;
  if (isStale) setTimeout(refresh, 300);
}

/** The server has escaped it. What was unfolded stays so. */
function replaceContent(text) {
  const opened = new Set([...content.querySelectorAll("details[open]")].map(keyOf));
  content.innerHTML = text;
  for (const details of content.querySelectorAll("details"))
    if (opened.has(keyOf(details))) details.open = true;
}

function keyOf(details) {
  return details.closest("[data-job]")?.dataset.job ?? details.textContent;
}

function tell(text, isBad) {
  told.textContent = text;
  told.className = isBad ? "bad" : "good";
}

async function post(path, body) {
  const response = await fetch(BASE + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok)
    throw new Error([answer.error?.message ?? answer.message, answer.error?.fix].filter(Boolean).join(" "));
  return answer;
}

async function act({ act: action, queue, job, schedule }) {
  if (action === "fill") {
    form.elements.queue.value = queue;
    form.elements.payload.focus();
    return;
  }
  if (action === "run") {
    tell(`Running ${schedule}…`);
    const { durationMs } = await post(`/schedule/${encodeURIComponent(schedule)}`, {});
    tell(`${schedule} ran in ${Math.round(durationMs)} ms.`);
    return;
  }
  const which = job ? `the dead letter ${job}` : `all dead letters of ${queue}`;
  if (action === "purge" && !confirm(`Remove ${which} for good?`)) return;
  const report = await post(`/failed/${encodeURIComponent(queue)}/${action}`, job ? { jobId: job } : {});
  const [refused] = report.refused;
  if (refused) tell(`${refused.jobId}: ${refused.reason}`, true);
  else tell(action === "retry" ? `Sent again: ${report.retried.length}.` : "Removed.");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-act]");
  if (!button) return;
  event.preventDefault();
  button.disabled = true;
  try {
    await act(button.dataset);
  } catch (error) {
    tell(error.message, true);
  }
  button.disabled = false;
  refresh();
});

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { queue, group, delay, job, payload } = form.elements;
  const options = {};
  for (const field of [group, delay, job]) if (field.value !== "") options[field.name] = field.value;
  let value = payload.value;
  try {
    value = JSON.parse(value);
  } catch {
    // It is a text.
  }
  try {
    const { jobId } = await post(`/queue/${encodeURIComponent(queue.value)}`, { payload: value, options });
    tell(`Pushed ${jobId}.`);
  } catch (error) {
    tell(error.message, true);
  }
  refresh();
});

function addToLog(text) {
  const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 20;
  log.textContent = (log.textContent + text).slice(-MAX_LOG_LENGTH);
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

const events = new EventSource(`${BASE}/events`);
events.onopen = () => {
  live.textContent = "live";
  // A new connection tells everything again.
  log.textContent = "";
};
events.onerror = () => {
  live.textContent = "waiting for the server…";
};
events.onmessage = ({ data }) => {
  addToLog(JSON.parse(data));
  refresh();
};
setInterval(() => {
  if (document.visibilityState === "visible") refresh();
}, REFRESH_EVERY_MS);
