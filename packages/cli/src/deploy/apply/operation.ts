import type { Aws } from "../aws/connect.js";
import type { Addresses } from "../desired/addresses.js";
import type { StageScope } from "../desired/desired-state.js";
import type { Operation } from "../plan/step.js";
import type { Probe } from "./probe.js";

/** An operation of one type: what its function gets. */
type OperationOf<T extends Operation["type"]> = Extract<Operation, { type: T }>;

/** What operations share. */
export type OperationContext = {
  aws: Aws;
  scope: StageScope;
  /** Aborted when no more is to be begun: what waits, stops waiting. */
  stop: AbortSignal;
  /** The zips to upload, by function id. */
  zips: ReadonlyMap<string, Uint8Array>;
  /** What later operations need of earlier ones. */
  results: OperationResults;
  /** Of what Lambda refuses as long as it does not know a new role, or what the role may do. */
  probes: { role: Probe; policy: Probe };
  /** Tells what a step that takes its time is waiting for. */
  say: (text: string, isLasting?: boolean) => void;
};

export type OperationResults = Addresses & {
  /** The last published version of each function, by function id. */
  versions: Map<string, string>;
  /** What the alias of each function was set to, by function id. */
  live: Map<string, string>;
};

/** "left": it could not be done yet, which is no failure; what comes after it is left out too. */
export type OperationOutcome = "done" | "left";

/** Does what an operation says. Running it again, also after its answer was lost, ends in the same state. */
export type Run<T extends Operation["type"]> = (
  operation: OperationOf<T>,
  context: OperationContext,
) => Promise<OperationOutcome>;
