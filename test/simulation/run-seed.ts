import type { Action } from "./action.js";
import { brokerActions, firstCalls, mayDeadLetter } from "./actions.js";
import { applyWaiting } from "./receive-actions.js";
import { type Call, Simulation } from "./simulation.js";

const STEPS = 120;
const ENDS = ["written", "written", "failed", "killed", "killed when written"] as const;

/** One seed, one run. Throws an error that tells the seed, how to run it again, and the last steps. */
export async function runSeed(seed: number, actions: readonly Action[] = brokerActions): Promise<void> {
  const simulation = new Simulation(seed);
  simulation.answered = (waiting, now) => applyWaiting(simulation, waiting, now);
  try {
    await simulation.start();
    await simulation.call(firstCalls(simulation));
    for (let step = 0; step < STEPS; step++) await randomStep(simulation, actions);
  } catch (cause) {
    const trace = simulation.trace.slice(-25).join("\n  ");
    throw new Error(
      `seed ${seed} fails: ${cause instanceof Error ? cause.message : String(cause)}\n` +
        `Run it again: SIM_SEED=${seed} npm run sim\nThe last steps:\n  ${trace}`,
      { cause },
    );
  }
}

async function randomStep(simulation: Simulation, actions: readonly Action[]): Promise<void> {
  const what = simulation.random.next();
  if (what < 0.2)
    await simulation.advance(500 * (1 + simulation.integer(simulation.chance(0.1) ? 1500 : 12)));
  else if (what < 0.22) await simulation.setBack(500 * (1 + simulation.integer(200)));
  else if (what < 0.25) await simulation.restart();
  else if (what < 0.45 && !mayDeadLetter(simulation)) {
    const first = randomCalls(simulation, actions, 1 + simulation.integer(4));
    const during = first.some(({ alone }) => alone)
      ? []
      : randomCalls(simulation, actions, simulation.integer(3));
    await simulation.callDuringWrite(first, during, simulation.pick(ENDS) ?? "written");
  } else {
    await simulation.call(
      randomCalls(simulation, actions, mayDeadLetter(simulation) ? 1 : 1 + simulation.integer(4)),
    );
  }
}

function randomCalls(simulation: Simulation, actions: readonly Action[], count: number): Call[] {
  const total = actions.reduce((sum, { weight }) => sum + weight, 0);
  const calls: Call[] = [];
  for (let tries = 0; calls.length < count && tries < 20; tries++) {
    let at = simulation.random.next() * total;
    const action = actions.find(({ weight }) => {
      at -= weight;
      return at < 0;
    });
    const call = action?.make(simulation);
    if (!call || (call.alone && calls.length > 0)) continue;
    calls.push(call);
    if (call.alone) break;
  }
  return calls;
}
