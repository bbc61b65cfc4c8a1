import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isFifoName } from "../names/queue-name.js";
import type {
  FifoQueue,
  FifoReference,
  GroupedQueue,
  NameOfQueue,
  Queue,
  QueueNamed,
  StandardReference,
} from "./queue-types.js";
import { cancel } from "./records.js";
import { type AnyQueue, createReference } from "./reference.js";

/** What `queues` of a file is bound to: the file's own queue, where it is one. */
export type QueueBinding = { queue: string | null; fifo: boolean };

/** What a schema says of its queue: what pushes take is its input, what handlers are given its output. */
type ByItsSchema<S extends StandardSchemaV1, R> = { result: R; handled: StandardSchemaV1.InferOutput<S> };

/** References to this file's own queue. */
interface SelfReference {
  /** The payload's type is the schema's input, and each push is validated. */
  <S extends StandardSchemaV1, R = unknown>(options: {
    schema: S;
  }): StandardReference<StandardSchemaV1.InferInput<S>, ByItsSchema<S, R>>;
  <P = unknown, R = unknown>(): Queue<P, R>;
  /** Where this file is a FIFO queue. */
  readonly fifo: {
    <S extends StandardSchemaV1, R = unknown>(options: {
      schema: S;
    }): FifoReference<StandardSchemaV1.InferInput<S>, ByItsSchema<S, R>>;
    <P = unknown, R = unknown>(): FifoQueue<P, R>;
  };
}

/** Refers to queues: by name, unchecked, or to the file's own. */
export interface Queues {
  /** By name; payload and FIFO-ness from the generated types. */
  <N extends NameOfQueue>(name: N): QueueNamed<N>;
  /** By name, unchecked. */
  get<P = unknown, R = unknown>(name: string): GroupedQueue<P, R>;
  readonly self: SelfReference;
  /** Cancels the jobs with a tag that have not started, in every queue. */
  cancel(tag: string): Promise<{ cancelled: number }>;
}

/** @returns `queues` for one file; the bundler binds each file under queues/ to its own name */
export function bindQueues({ queue, fifo }: QueueBinding): Queues {
  const self = (options?: { schema?: StandardSchemaV1 }): AnyQueue =>
    createReference({ queueName: queue, fifo, options: {}, schema: options?.schema ?? null });
  const byName = (name: string): AnyQueue =>
    createReference({ queueName: name, fifo: isFifoName(name), options: {}, schema: null });
  return Object.assign((name: string) => byName(name), {
    get: byName,
    self: Object.assign(self, { fifo: self }),
    cancel: (tag: string) => cancel(null, tag),
  }) as unknown as Queues;
}

/** `queues` of a file that is no queue: `queues.self()` pushes nowhere. */
export const queues: Queues = /* @__PURE__ */ bindQueues({ queue: null, fifo: false });
