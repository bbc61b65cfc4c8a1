import { RecordLedger } from "./record-ledger.js";
import type { World } from "./world.js";

/** One invocation of a queue's function. */
export type Invocation = {
  id: string;
  /** Its process ended before the server had its answer. */
  died: boolean;
  /** What has started in it, and has no outcome yet. */
  readonly running: Set<LedgerMessage>;
  readonly started: LedgerMessage[];
  /** What the handler of each has said of it: the first outcome. */
  readonly said: Map<LedgerMessage, "done" | "failed">;
};

/** What has been asked of a queue, once for each send. */
export type Sent = {
  body: string;
  queue: string;
  group: string | null;
  dedupe: string | null;
  wallMs: number;
  steadyMs: number;
  answered: boolean;
  /** Its own id, where it was pushed with a record. */
  jobId: string | null;
};

/** A message of which it is known that it exists: its send was acknowledged, or it was delivered. */
export type LedgerMessage = {
  messageId: string;
  queue: string;
  group: string | null;
  sequence: string | null;
  /** The bodies of the sends that were answered with it; one of them is its own. */
  bodies: Set<string>;
  body: string | null;
  receives: number;
  /** Its latest receive was undone. */
  isUndone: boolean;
  /** How many restarts there had been when it was last received. */
  receivedAfterRestarts: number;
  /** Handlers that were started for it. */
  starts: number;
  /** Of those, how many left no trace: their process ended, or nothing could be written of their outcome. */
  deaths: number;
  lastStart: { invocation: Invocation; restarts: number } | null;
  /** What its handler has said, or thrown, so far. */
  failures: string[];
  succeeded: { invocation: Invocation; accidents: number } | null;
  deadLetters: number;
  deletedForGood: boolean;
  /** It was not run, or not any more: it came too late, was cancelled, or its record said that it was over. */
  dropped: boolean;
};

/** What a queue's rules are, as far as the ledger needs them. */
export type Rules = { fifo: boolean; batchSize: number; maxAttempts: number; track: boolean };

/** As many receives beyond its attempts, and a job is taken to end its process. */
const RECEIVES_BEYOND_ATTEMPTS = 5;

/** All that is known of every message, as plainly as it can be kept, and what must hold of it. */
export class Ledger {
  readonly sends = new Map<string, Sent>();
  readonly messages = new Map<string, LedgerMessage>();
  readonly rules = new Map<string, Rules>();
  /** Restarts, jumps of the clock and lost requests so far: after them, work may be done again. */
  accidents = 0;
  restarts = 0;
  jumps = 0;
  /** Requests between the runtime and SQS that went astray. */
  lostRequests = 0;
  readonly running = new Set<LedgerMessage>();
  /** What the table says of jobs. */
  readonly records: RecordLedger;
  readonly #finished = new Set<LedgerMessage>();
  readonly #world: World;
  readonly #lastStarted = new Map<string, string>();
  /** By ids that their pushes gave them. */
  readonly #named = new Map<string, LedgerMessage>();

  constructor(world: World) {
    this.#world = world;
    this.records = new RecordLedger(world);
  }

  /** @returns the message, from now on known to exist */
  message(messageId: string, queue: string, group: string | null, sequence: string | null): LedgerMessage {
    const known = this.messages.get(messageId);
    if (known) return known;
    const message: LedgerMessage = {
      messageId,
      queue,
      group,
      sequence,
      bodies: new Set(),
      body: null,
      receives: 0,
      isUndone: false,
      receivedAfterRestarts: -1,
      starts: 0,
      deaths: 0,
      lastStart: null,
      failures: [],
      succeeded: null,
      deadLetters: 0,
      deletedForGood: false,
      dropped: false,
    };
    this.messages.set(messageId, message);
    return message;
  }

  ofJob(jobId: string): LedgerMessage | undefined {
    return this.#named.get(jobId) ?? this.messages.get(jobId);
  }

  /** Whether the runtime has said that it is done. */
  hasFinished(message: LedgerMessage): boolean {
    return this.#finished.has(message);
  }

  isTracked({ queue }: LedgerMessage): boolean {
    return this.rules.get(queue)?.track ?? false;
  }

  /** The attempt that a handler is told. */
  attempted(message: LedgerMessage, attempt: number): void {
    if (!this.isTracked(message)) return;
    const record = this.records.attempts(jobIdOf(message, this.sends));
    if (attempt !== record && this.jumps === 0)
      this.#world.fail(`${message.body} is told that this is attempt ${attempt}, of its record's ${record}`);
  }

  /** A message was deleted without being run. */
  wasDropped(message: LedgerMessage, reason: string): void {
    const world = this.#world;
    const status = this.records.status(jobIdOf(message, this.sends));
    world.log(`${message.body} is dropped: ${reason}`);
    if (reason === "expired" ? message.starts > 0 && this.jumps === 0 : !this.isTracked(message))
      world.fail(`${message.body} is dropped as ${reason}, after ${message.starts} starts`);
    const statuses = { cancelled: ["cancelled"], duplicate: ["completed", "failed"], expired: ["expired"] };
    if (this.isTracked(message) && !statuses[reason as keyof typeof statuses]?.includes(status))
      world.fail(`${message.body} is dropped as ${reason}, and its record says ${status}`);
    message.dropped = true;
  }

  isOver(message: LedgerMessage): boolean {
    return message.succeeded !== null || message.deadLetters > 0 || message.dropped;
  }

  /** A receive was answered. */
  delivered(message: LedgerMessage, body: string, receiveCount: number): void {
    const sent = this.sends.get(body);
    if (!sent || sent.queue !== message.queue || sent.group !== message.group)
      this.#world.fail(`${body} was received from ${message.queue}, and was not sent there`);
    if (message.body !== null && message.body !== body)
      this.#world.fail(`${message.messageId} was ${message.body}, and is ${body} now`);
    if (!sent?.answered || message.bodies.size === 0) message.bodies.add(body);
    message.body = body;
    if (sent?.jobId) this.#named.set(sent.jobId, message);
    // A clock set ahead makes what is just being deleted visible, and received in the same moment.
    if (message.deletedForGood && (message.group !== null || this.jumps === 0))
      this.#world.fail(`${body} was received after its deletion`);
    const isExact = message.receivedAfterRestarts === this.restarts || this.restarts === 0;
    // A clock set ahead also ends a visibility timeout while its receive is answered: the next receive may count before the
    // one before it is undone.
    const isEarly = message.isUndone && this.jumps > 0;
    const expected = message.receives + (isEarly && receiveCount > message.receives + 1 ? 2 : 1);
    if (isExact ? receiveCount !== expected : receiveCount < expected)
      this.#world.fail(`${body} came with receive count ${receiveCount}, not ${expected}`);
    message.receives = receiveCount;
    message.isUndone = false;
    message.receivedAfterRestarts = this.restarts;
  }

  /** The jobs of one call start. */
  started(messages: LedgerMessage[], invocation: Invocation): void {
    for (const message of messages) {
      const { lastStart } = message;
      if (lastStart && lastStart.restarts < this.restarts && !lastStart.invocation.died) message.deaths++;
      this.#checkStart(message, messages);
      message.starts++;
      message.lastStart = { invocation, restarts: this.restarts };
    }
    for (const message of messages) {
      invocation.running.add(message);
      invocation.started.push(message);
      this.running.add(message);
    }
  }

  #checkStart(message: LedgerMessage, together: LedgerMessage[]): void {
    const world = this.#world;
    const { body, group, sequence } = message;
    const rules = this.rules.get(message.queue);
    if (!rules) throw new Error(`no rules for ${message.queue}`);
    // A clock set ahead ends the visibility timeouts of what was received and has not started: it is received again.
    const isExact = rules.fifo || this.jumps === 0;
    if (message.deletedForGood && isExact) world.fail(`${body} started after its deletion was acknowledged`);
    const { succeeded } = message;
    if (this.jumps === 0 && succeeded && !succeeded.invocation.died && succeeded.accidents === this.accidents)
      world.fail(`${body} ran again though it had succeeded and nothing had happened since`);
    if (isExact && this.running.has(message)) world.fail(`${body} started while it was running`);
    // A record counts exactly, whatever happens.
    const allowed = rules.track ? rules.maxAttempts : rules.maxAttempts + message.deaths + this.jumps;
    if (message.starts >= allowed + (rules.track ? 0 : this.lostRequests))
      world.fail(`${body} started for the ${message.starts + 1}th time, of ${allowed}`);
    if (!rules.fifo) return;
    for (const other of this.messages.values()) {
      if (other === message || other.queue !== message.queue || other.group !== group) continue;
      if (together.includes(other)) continue;
      if (this.running.has(other)) world.fail(`${body} started while ${other.body} of its group was running`);
      if ((other.sequence ?? "") < (sequence ?? "") && !this.isOver(other))
        world.fail(`${body} started before ${[...other.bodies][0]} of its group was over`);
    }
    const place = `${message.queue} ${group}`;
    const last = this.#lastStarted.get(place);
    if (rules.batchSize === 1 && last !== undefined && (sequence ?? "") < last)
      world.fail(`${body} started after a later one of its group had started`);
    this.#lastStarted.set(place, sequence ?? "");
  }

  /** Its handler has acknowledged a job: it is done, whatever follows. */
  acked(message: LedgerMessage, invocation: Invocation): void {
    if (invocation.running.has(message) && invocation.said.get(message) === "done")
      message.succeeded = { invocation, accidents: this.accidents };
  }

  /** The runtime says that a job is done. */
  finished(message: LedgerMessage, invocation: Invocation): void {
    if (this.isTracked(message) && this.#finished.has(message))
      this.#world.fail(`${message.body} is completed a second time`);
    this.#finished.add(message);
    if (invocation.said.get(message) !== "done")
      this.#world.fail(`${message.body} is called done, and its handler did not say so`);
    message.succeeded = { invocation, accidents: this.accidents };
    this.#over(message, invocation);
  }

  /** The runtime says that an attempt failed. */
  failed(message: LedgerMessage, invocation: Invocation, code: unknown): void {
    const isUnrecorded = code === "QR_RECORDS_UNREACHABLE" || code === "QR_LEASE_LOST";
    if (isUnrecorded && this.isTracked(message)) message.deaths++;
    else if (invocation.said.get(message) === "done" && code !== "QR_JOB_TIMEOUT")
      this.#world.fail(`${message.body} is called failed (${String(code)}), and its handler was done`);
    this.#over(message, invocation);
  }

  #over(message: LedgerMessage, invocation: Invocation): void {
    invocation.running.delete(message);
    this.running.delete(message);
  }

  /** The process that ran an invocation is gone: nothing in it runs any more. */
  cutOff(invocation: Invocation): void {
    for (const message of invocation.running) {
      this.running.delete(message);
      this.#world.log(`${message.body} was cut off`);
    }
    invocation.running.clear();
  }

  /** The server has seen that an invocation has no answer, or is gone itself. */
  died(invocation: Invocation): void {
    this.cutOff(invocation);
    if (invocation.died) return;
    invocation.died = true;
    for (const message of new Set(invocation.started)) message.deaths++;
  }

  /** A copy was accepted by the dead-letter queue. */
  deadLettered(queue: string, body: string, failureText: string | undefined): void {
    const world = this.#world;
    const message = [...this.messages.values()].find((each) => each.queue === queue && each.body === body);
    if (!message) {
      world.fail(`${body} was dead-lettered, and was never delivered`);
      return;
    }
    message.deadLetters++;
    const rules = this.rules.get(queue);
    const failure = JSON.parse(failureText ?? "null") as DeadLetterText | null;
    const reason = failure?.error?.message ?? "";
    const endsItsProcess = message.receives > (rules?.maxAttempts ?? 0) + RECEIVES_BEYOND_ATTEMPTS;
    const isEnded = failure?.error?.code === "QR_PROCESS_ENDED";
    const isUsedUp =
      this.isTracked(message) &&
      isEnded &&
      this.records.attempts(failure?.jobId ?? "") > (rules?.maxAttempts ?? 0);
    const known =
      isUsedUp ||
      message.failures.includes(reason) ||
      /did not finish within/.test(reason) ||
      (endsItsProcess && failure?.error?.code === "QR_PROCESS_ENDED");
    if (!known) world.fail(`${body} was dead-lettered with the error ${JSON.stringify(reason)}`);
    if (failure?.jobId !== jobIdOf(message, this.sends))
      world.fail(`${body} was dead-lettered with another job id`);
    if (message.starts === 0 && !endsItsProcess && !isUsedUp)
      world.fail(`${body} was dead-lettered and never ran`);
    // A tracked job is claimed for each; of those who claimed it and died nothing else is known.
    const allowed = this.isTracked(message)
      ? this.records.claims(failure?.jobId ?? "")
      : 1 + message.deaths + this.jumps + this.lostRequests;
    if (message.deadLetters > allowed) world.fail(`${body} was dead-lettered ${message.deadLetters} times`);
  }
}

/** @returns the job's id: its own, or its message's */
export function jobIdOf({ body, messageId }: LedgerMessage, sends: ReadonlyMap<string, Sent>): string {
  return sends.get(body ?? "")?.jobId ?? messageId;
}

type DeadLetterText = { jobId?: string; error?: { message?: string; code?: string } };
