import type { ErrorDescription } from "@queue-run/runtime/wire";
import type { Colors } from "picocolors/types.js";
import type { PortableError } from "../../../dev/worker/protocol.js";
import { errorLines } from "../../../terminal/error-lines.js";
import { escapeControl } from "../../../terminal/escape-control.js";
import { columns } from "../../../terminal/served-table.js";
import { type DeadLetter, payloadOf } from "./dead-letter.js";

/** A queue's dead letters, or the first of them. */
export type FoundDeadLetters = { queueName: string; letters: DeadLetter[] };

/** Longest first line of an error in a list. */
const MAX_SUMMARY = 80;
const MOVED_BY_SQS = "SQS moved it here after very many receives; no error was recorded";

/** One line for each dead letter. */
export function listText(found: readonly FoundDeadLetters[]): string {
  const rows = found.flatMap(({ queueName, letters }) =>
    letters.map((letter) => [
      escapeControl(letter.jobId),
      letter.job === "default" ? queueName : `${queueName} ${escapeControl(letter.job)}`,
      letter.failure ? `${letter.failure.attempts} attempts` : "",
      new Date(failedAtMs(letter)).toISOString(),
      summary(letter),
    ]),
  );
  return columns(rows).join("\n");
}

/** Everything about one: why it failed, with its stack, and what it was to do. */
export function letterText(queueName: string, letter: DeadLetter, root: string, colors: Colors): string {
  const { failure, envelope, groupId } = letter;
  const facts = [
    ["Job", escapeControl(letter.jobId)],
    ["Queue", letter.job === "default" ? queueName : `${queueName}, job ${escapeControl(letter.job)}`],
    ...(groupId !== null ? [["Group", escapeControl(groupId)]] : []),
    ...(envelope?.userId ? [["User", escapeControl(envelope.userId)]] : []),
    ...(failure ? [["Attempts", String(failure.attempts)]] : []),
    ["Failed at", new Date(failedAtMs(letter)).toISOString()],
    ...(failure?.codeVersion ? [["Code version", escapeControl(failure.codeVersion)]] : []),
  ];
  const why = failure ? errorLines(toPortable(failure.error), root, colors).join("\n") : `${MOVED_BY_SQS}.`;
  return [columns(facts).join("\n"), why, `Payload\n${payloadText(letter)}`].join("\n\n");
}

/** The same for programs. */
export function letterJson(queueName: string, letter: DeadLetter): object {
  const payload = payloadOf(letter);
  return {
    jobId: letter.jobId,
    queueName,
    job: letter.job,
    groupId: letter.groupId,
    user: letter.envelope?.userId ? { id: letter.envelope.userId } : null,
    attempts: letter.failure?.attempts ?? null,
    failedAt: new Date(failedAtMs(letter)).toISOString(),
    codeVersion: letter.failure?.codeVersion ?? null,
    error: letter.failure?.error ?? null,
    payload: payload instanceof Uint8Array ? { base64: Buffer.from(payload).toString("base64") } : payload,
  };
}

function failedAtMs({ failure, sentAt }: DeadLetter): number {
  const at = failure ? Date.parse(failure.failedAt) : Number.NaN;
  return Number.isNaN(at) ? sentAt : at;
}

function summary({ failure }: DeadLetter): string {
  if (!failure) return MOVED_BY_SQS;
  const [first = ""] = `${failure.error.name}: ${failure.error.message}`.split("\n");
  return escapeControl(first.length > MAX_SUMMARY ? `${first.slice(0, MAX_SUMMARY)}…` : first);
}

function payloadText(letter: DeadLetter): string {
  const payload = payloadOf(letter);
  if (payload instanceof Uint8Array) return `${payload.length} bytes, in base64: ${letter.body}`;
  const text = typeof payload === "string" ? payload : JSON.stringify(payload, null, 2);
  return escapeControl(text)
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

function toPortable({ name, message, stack, code, fix, cause }: ErrorDescription): PortableError {
  return {
    name,
    message,
    stack,
    code: code ?? null,
    fix: fix ?? null,
    cause: cause ? toPortable(cause) : null,
  };
}
