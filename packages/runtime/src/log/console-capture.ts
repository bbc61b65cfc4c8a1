import { currentScope } from "../context/invocation-scope.js";
import { emitLifecycle, hasLifecycleListeners, type LogLevel } from "./lifecycle-events.js";
import { labelOfScope } from "./scope-label.js";

const LEVELS: LogLevel[] = ["debug", "info", "log", "warn", "error", "trace"];

/**
 * Makes `log` events of what handlers write to the console. Everything else about the console stays as it is, and so do
 * its methods where nobody listens.
 *
 * @param target - the console to listen to
 * @param outsideToo - also what is written outside of any handler: while modules load, in timers that outlive them
 * @returns a function that gives the console its own methods back
 */
export function captureConsole(target: Console, { outsideToo }: { outsideToo: boolean }): () => void {
  const originals = LEVELS.map((level) => [level, target[level]] as const);
  let isTelling = false;
  for (const [level, original] of originals) {
    target[level] = (...values: unknown[]) => {
      const scope = currentScope();
      // What is written while a line is being written down must not be told of in its turn.
      const isTold = isTelling && !scope?.isListener;
      if (isTold || (!scope && !outsideToo) || !hasLifecycleListeners("log")) {
        original.apply(target, values);
        return;
      }
      const wasTelling = isTelling;
      isTelling = true;
      try {
        emitLifecycle("log", { level, arguments: values, source: labelOfScope(scope) });
      } finally {
        isTelling = wasTelling;
      }
    };
  }
  return () => {
    for (const [level, original] of originals) target[level] = original;
  };
}
