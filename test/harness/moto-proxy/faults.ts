import { type Call, type CallName, nameOf } from "./call.js";
import type { AwsFault } from "./reply.js";

/** What goes wrong with a call. */
export type Fault =
  /** The connection ends before the request has any effect. */
  | "refuse"
  /** The request takes effect, and the connection ends before its answer. */
  | "lose-answer"
  /** The request takes effect, and the connection is reset half-way through its answer. */
  | "reset"
  /** AWS says no; nothing takes effect. */
  | AwsFault;

export type FaultOptions = {
  /** Which calls count, and fail; default: every call. */
  match?: CallName | RegExp | ((call: Call) => boolean);
  /** How many calls fail, from the k-th on; default 1. SDKs try again: `Infinity` is an outage. */
  times?: number;
};

/** The faults that are still to happen. */
export type FaultPlan = {
  /** @param k - the k-th call from now on, from 1 */
  failAt: (k: number, fault: Fault, options?: FaultOptions) => void;
  clear: () => void;
  /** Counts the call. */
  next: (call: Call) => Fault | null;
};

export function createFaultPlan(): FaultPlan {
  let planned: { left: number; times: number; fault: Fault; matches: (call: Call) => boolean }[] = [];
  return {
    failAt(k, fault, { match, times = 1 } = {}) {
      planned.push({ left: k, times, fault, matches: toPredicate(match) });
    },
    clear() {
      planned = [];
    },
    next(call) {
      let found: Fault | null = null;
      for (const plan of planned) {
        if (!plan.matches(call) || --plan.left > 0 || plan.times <= 0) continue;
        plan.times--;
        found ??= plan.fault;
      }
      planned = planned.filter(({ times }) => times > 0);
      return found;
    },
  };
}

function toPredicate(match: FaultOptions["match"]): (call: Call) => boolean {
  if (match === undefined) return () => true;
  if (typeof match === "function") return match;
  return (call) => (typeof match === "string" ? nameOf(call) === match : match.test(nameOf(call)));
}
