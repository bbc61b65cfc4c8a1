import { READS_BODY } from "../http/reads-body.js";
import { mergePushOptions } from "./merge-push-options.js";
import type { PushOptions } from "./push-options.js";
import { pushMany, pushOne } from "./pusher.js";
import type { CancelTarget, GroupedQueue } from "./queue-types.js";
import { cancel, result, status } from "./records.js";
import {
  type ReferenceState,
  referenceState,
  rememberHandler,
  rememberReference,
  rememberStatusRoute,
} from "./reference-state.js";

/** Any reference, as the code behind it sees it. */
export type AnyQueue = GroupedQueue<unknown, unknown>;

/** What every reference inherits. `this` is the reference. */
const methods = {
  push(...call: [payload?: unknown, options?: PushOptions]) {
    return pushOne(stateOf(this), call.length === 0 ? null : call[0], call[1]);
  },
  pushAll(payloads: Iterable<unknown>, options?: PushOptions) {
    return pushMany(stateOf(this), payloads, options);
  },
  group(group: PushOptions["group"]) {
    return derive(this, { group });
  },
  dedupe(dedupe: PushOptions["dedupe"]) {
    return derive(this, { dedupe });
  },
  delay(delay: PushOptions["delay"]) {
    return derive(this, { delay });
  },
  at(at: PushOptions["at"]) {
    return derive(this, { at });
  },
  tag(tag: string) {
    return derive(this, { tag });
  },
  job(job: string) {
    return derive(this, { job });
  },
  handler<F>(handler: F): F {
    rememberHandler(handler, stateOf(this));
    return handler;
  },
  cancel(target: CancelTarget) {
    return cancel(nameOf(this), target);
  },
  status(jobId: string) {
    return status(nameOf(this), jobId);
  },
  result(jobId: string, options?: { timeout?: unknown }) {
    return result(nameOf(this), jobId, options);
  },
  toString() {
    return nameOf(this);
  },
  get fifo() {
    return stateOf(this).fifo;
  },
  get http() {
    const answer = async (request: never) => {
      const { createQueueHttp } = await import("../aws/on-first-call.js");
      return createQueueHttp(this)(request);
    };
    return Object.assign(answer, { [READS_BODY]: true });
  },
  get statusHttp() {
    const queueName = nameOf(this);
    const answer = async (request: never) => {
      const { answerStatus } = await import("../records/on-first-record.js");
      return answerStatus(queueName, request);
    };
    rememberStatusRoute(answer, queueName);
    return answer;
  },
};
Object.setPrototypeOf(methods, Function.prototype);

/** Makes a reference to a queue, which need not exist: pushing finds that out. */
export function createReference(state: ReferenceState): AnyQueue {
  const reference = (...payload: unknown[]) => pushOne(state, payload.length === 0 ? null : payload[0]);
  Object.setPrototypeOf(reference, methods);
  Object.defineProperty(reference, "name", { value: state.queueName ?? "", enumerable: true });
  rememberReference(reference, state);
  return Object.freeze(reference) as unknown as AnyQueue;
}

/** @throws TypeError for anything that is not a reference */
function stateOf(reference: unknown): ReferenceState {
  const state = referenceState(reference);
  if (!state) throw new TypeError("Not a queue: call push and the other methods on the queue itself");
  return state;
}

function derive(reference: unknown, options: PushOptions): AnyQueue {
  const state = stateOf(reference);
  return createReference({ ...state, options: mergePushOptions(state.options, options) });
}

function nameOf(reference: unknown): string {
  return stateOf(reference).queueName ?? "";
}
