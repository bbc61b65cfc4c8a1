import type { Call } from "./call.js";
import type { Reply } from "./reply.js";

/** Something of AWS that moto does not do, or does wrong. */
export type Quirk = {
  /** @returns the answer where moto is not to be asked; null where it is */
  before?: (call: Call) => Promise<Reply | null> | Reply | null;
  /** @returns moto's answer as AWS would give it, and notes what it tells */
  after?: (call: Call, reply: Reply) => Promise<Reply> | Reply;
};

/**
 * What takes its time on AWS, in milliseconds; all 0 by default, when everything is so at once.
 */
export type Consistency = {
  /** From CreateRole until Lambda can assume the role. */
  roleMs: number;
  /** From a change of a role's policies until creating an event source mapping finds them. */
  policyMs: number;
  /** How long a new function is Pending, and an updated one has its LastUpdateStatus InProgress. */
  functionMs: number;
  /** How long an event source mapping is Creating, Updating or Deleting. */
  mappingMs: number;
  /** How long a deleted queue's name cannot be had again; on AWS 60 seconds. */
  deletedQueueMs: number;
};

/** Everything at once, and shorter than on AWS. */
export const SLOW_AWS: Consistency = {
  roleMs: 2_000,
  policyMs: 1_000,
  functionMs: 300,
  mappingMs: 300,
  deletedQueueMs: 60_000,
};

export const AT_ONCE: Consistency = {
  roleMs: 0,
  policyMs: 0,
  functionMs: 0,
  mappingMs: 0,
  deletedQueueMs: 0,
};
