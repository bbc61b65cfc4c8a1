import type { JobEvent } from "../../../packages/runtime/src/log/lifecycle-events.js";
import { onLifecycle } from "../../../packages/runtime/src/log/lifecycle-events.js";
import { storedMessages } from "./disk.js";
import { type Invocation, jobIdOf, Ledger, type LedgerMessage } from "./ledger.js";
import { randomQueues } from "./queues.js";
import { type Run, Server } from "./server.js";
import { cancelSomething, receiveFromOutside, sendSomething } from "./traffic.js";
import { World } from "./world.js";

const STEPS = 500;
/** Lines of a failing run that its error tells: `SIM_LINES=10000` tells them all. */
const LINES = Number(process.env.SIM_LINES ?? 60);
/** In which everything that is left must be worked off. */
const LAST_STEPS = 20_000;

/**
 * One seed, one run: a development server's broker, event sources and workers, with handlers that do what handlers do
 * and accidents at every turn, and then calm, in which all that is left is worked off.
 *
 * @returns what happened, line by line
 * @throws Error that tells the seed, how to run it again, and the last lines
 */
export async function runJobs(seed: number): Promise<string[]> {
  const world = new World(seed);
  const run: Run = { world, ledger: new Ledger(world), queues: randomQueues(world), invocations: new Map() };
  const stopListening = listen(run);
  try {
    await new Jobs(run).run();
  } catch (error) {
    world.failure ??= error instanceof Error ? error : new Error(String(error));
  } finally {
    stopListening();
  }
  if (!world.failure) return world.trace;
  throw new Error(
    `seed ${seed} fails: ${world.failure.message}\nRun it again: SIM_SEED=${seed} npm run sim -- jobs\n` +
      `The last lines:\n  ${world.trace.slice(-LINES).join("\n  ")}`,
    { cause: world.failure },
  );
}

/** The ledger hears what the runtime says of jobs, from workers that are there. */
function listen({ ledger, invocations, queues, world }: Run): () => void {
  for (const { name, fifo, settings } of queues)
    ledger.rules.set(name, {
      fifo,
      batchSize: settings.batchSize,
      maxAttempts: settings.retries + 1,
      track: settings.track,
    });
  const heard = (event: JobEvent, tell: (message: LedgerMessage, invocation: Invocation) => void): void => {
    const invocation = invocations.get(event.source.requestId ?? "");
    const message = ledger.ofJob(event.jobId);
    if (invocation && message && !invocation.died) tell(message, invocation);
  };
  const stops = [
    onLifecycle("jobFinished", (event) =>
      heard(event, (message, invocation) => {
        // What a thread does after its end does not happen.
        if (!invocation.running.has(message)) return;
        world.log(`${message.body} is done`);
        ledger.finished(message, invocation);
      }),
    ),
    onLifecycle("jobFailed", (event) =>
      heard(event, (message, invocation) => {
        if (!invocation.running.has(message)) return;
        const { error, outcome } = event;
        const code = error instanceof Error && "code" in error ? error.code : null;
        world.log(`${message.body} failed: ${outcome.kind}`);
        ledger.failed(message, invocation, code);
        // The dead-letter queue did not answer in time, because the thread was blocked: it is tried again.
        if (outcome.kind === "retry" && event.attempt >= event.maxAttempts) message.deaths++;
      }),
    ),
  ];
  stops.push(
    onLifecycle("jobDropped", (event) => heard(event, (message) => ledger.wasDropped(message, event.reason))),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

class Jobs {
  readonly #run: Run;
  #server: Server;

  constructor(run: Run) {
    this.#run = run;
    this.#server = new Server(run);
  }

  async run(): Promise<void> {
    const { world } = this.#run;
    await this.#until(this.#server.start());
    for (let step = 0; step < STEPS && !world.failure; step++) await this.#step();
    if (!this.#server.alive || this.#server.storage.failed) await this.#restart();
    world.calm = true;
    world.log("calm");
    for (let step = 0; !world.failure && this.#isLeft(); step++) {
      if (step > LAST_STEPS) world.fail(`${this.#left().join(" ")} never ended`);
      await this.#goOn();
    }
    if (!world.failure) this.#checkEnd();
    await this.#until(this.#server.stop());
    this.#server.kill();
  }

  /** Something happens: what was on its way, or what nobody expected. */
  async #step(): Promise<void> {
    const { world, queues, ledger } = this.#run;
    const server = this.#server;
    const { faults } = world;
    const what = world.random.next();
    const writing = server.storage.writing;
    if (what < 0.08) sendSomething(this.#run, server);
    else if (what < 0.085) cancelSomething(this.#run, server);
    else if (what < 0.09) receiveFromOutside(this.#run, server);
    else if (what < 0.095 && !faults.clockJumps) server.poll(world.pick([...queues] as [Run["queues"][0]]));
    else if (what < 0.1) server.update(world.pick([...queues] as [Run["queues"][0]]));
    else if (what < 0.106)
      world.pick(server.busyWorkers)?.end({ kind: "out-of-memory", memoryMegabytes: 128 });
    else if (what < 0.112 && faults.crashes) {
      if (writing && world.chance(0.5)) server.storage.finishWrite();
      await this.#restart();
    } else if (what < 0.114 && faults.crashes && !server.storage.failed) {
      world.log("stop");
      await this.#until(server.stop());
      await this.#restart();
    } else if (what < 0.118 && faults.failedWrites && writing) {
      world.log("the write fails");
      server.storage.failWrite();
    } else if (what < 0.122 && faults.clockJumps) {
      const ms = (world.chance(0.5) ? 1 : -1) * 1_000 * world.integer(world.chance(0.3) ? 3_600 : 60);
      world.log(`the clock is set by ${ms} ms`);
      ledger.jumps++;
      ledger.accidents++;
      world.time.set(ms, () => world.random.next());
    } else await this.#goOn();
    if (server.storage.failed && world.chance(0.1)) await this.#restart();
    await this.#settle();
  }

  /** Something that was on its way arrives, a write ends, a timer fires; or time passes until one does. */
  async #goOn(): Promise<void> {
    const { world } = this.#run;
    const { storage } = this.#server;
    const ways: (() => void)[] = [];
    const { onTheWay } = world;
    for (let index = 0; index < onTheWay; index++) ways.push(() => world.arrive());
    if (storage.writing) ways.push(() => storage.finishWrite());
    if (world.time.hasDue) ways.push(() => world.time.runNext());
    if (ways.length === 0) world.time.runNext();
    else if (world.chance(0.1)) world.time.pass(world.integer(50));
    else world.pick(ways)?.();
    await this.#settle();
  }

  /** The server is killed, and another starts where it was, some time later. */
  async #restart(): Promise<void> {
    const { world, ledger } = this.#run;
    world.log("kill -9");
    this.#server.kill();
    ledger.restarts++;
    ledger.accidents++;
    world.time.pass(1_000 * world.integer(world.chance(0.1) ? 400 : 20));
    this.#checkDisk();
    this.#server = new Server(this.#run);
    world.log("start");
    await this.#until(this.#server.start());
  }

  async #until(done: Promise<void>): Promise<void> {
    let isDone = false;
    const ended = done.finally(() => {
      isDone = true;
    });
    ended.catch(() => {});
    await this.#settle();
    for (let step = 0; !isDone && step < LAST_STEPS; step++) await this.#goOn();
    if (!isDone) throw new Error("the server neither starts nor stops");
    await ended;
  }

  #settle(): Promise<void> {
    return this.#run.world.settle(() => this.#server.endTurn());
  }

  /** Nothing that was acknowledged and is not over is missing; nothing whose deletion was acknowledged is there. */
  #checkDisk(): void {
    const { world, ledger } = this.#run;
    const stored = new Map(
      storedMessages(world.disk).map((each) => [`${each.queue} ${each.content.messageId}`, each]),
    );
    for (const message of ledger.messages.values()) {
      const isThere = stored.has(`${message.queue} ${message.messageId}`);
      const name = message.body ?? [...message.bodies].join("/");
      if (!isThere && !ledger.isOver(message)) world.fail(`${name} is lost`);
      if (isThere && message.deletedForGood) world.fail(`${name} is on the disk after its deletion`);
    }
  }

  #left(): string[] {
    const sources = new Set(this.#run.queues.map(({ name }) => name));
    return storedMessages(this.#run.world.disk).flatMap(({ queue, body }) =>
      sources.has(queue) ? [body] : [],
    );
  }

  #isLeft(): boolean {
    const { world, queues } = this.#run;
    if (world.onTheWay > 0 || this.#server.storage.writing) return true;
    return queues.some(({ name }) => {
      const { visibleCount, inFlightCount, delayedCount } = this.#server.broker.queue(name);
      return visibleCount + inFlightCount + delayedCount > 0;
    });
  }

  /** Every message that was acknowledged is done, or in the dead-letter queue with its error. */
  #checkEnd(): void {
    const { world, ledger, queues } = this.#run;
    this.#checkDisk();
    const dead = new Map<string, number>();
    for (const { queue, body, content } of storedMessages(world.disk)) {
      const source = queues.find(({ deadLetters }) => deadLetters === queue);
      if (!source) continue;
      dead.set(body, (dead.get(body) ?? 0) + 1);
      if (!content.attributes["queue-run-failure"]?.stringValue)
        world.fail(`${body} is dead without an error`);
    }
    for (const message of ledger.messages.values()) {
      const name = message.body ?? [...message.bodies].join("/");
      if (ledger.isTracked(message)) this.#checkRecord(message, name);
      if (!ledger.isOver(message)) world.fail(`${name} is neither done nor dead-lettered`);
      if (message.deadLetters > 0 && !dead.has(message.body ?? ""))
        world.fail(`${name} is lost as a dead letter`);
    }
  }

  /** What the record says in the end is what has become of the job. */
  #checkRecord(message: LedgerMessage, name: string): void {
    const { world, ledger } = this.#run;
    const status = ledger.records.status(jobIdOf(message, ledger.sends));
    const ends = ["completed", "cancelled", "expired"];
    // A dead letter whose answer, or whose record, was lost leaves a job that goes on, and may end in any way.
    const isLost = ledger.lostRequests + message.deaths + ledger.jumps > 0;
    const expected = message.deadLetters === 0 ? ends : ["failed", ...(isLost ? ends : [])];
    if (!expected.includes(status)) world.fail(`${name} is over, and its record says ${status}`);
    const isFinished = ledger.hasFinished(message);
    if (isFinished && status !== "completed") world.fail(`${name} was done, and its record says ${status}`);
  }
}
