import { claim } from "../worker/claim.js";
import type { FromWorker, ToWorker } from "../worker/protocol.js";
import type { SpawnWorker, WorkerThreadEvents } from "./worker-thread.js";

/** A worker thread of a test: what it was sent, and ways to answer. */
export type FakeWorker = {
  memoryMegabytes: number;
  received: ToWorker[];
  terminated: boolean;
  utilization: number;
  send: (message: FromWorker) => void;
  exit: (end?: Partial<Parameters<WorkerThreadEvents["exit"]>[0]>) => void;
  /** Ids of the invocations that it was sent. */
  invocations: () => number[];
  /** Claims an invocation that was posted ahead of its turn, as the worker does when that comes. */
  claim: (id: number) => boolean;
  /** Ends the last invocation. */
  finish: (value?: unknown) => void;
};

/** @param start - whether workers say at once that they are ready */
export function fakeWorkers({ start = true } = {}): { spawn: SpawnWorker; workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const spawn: SpawnWorker = ({ memoryMegabytes }, events) => {
    const worker: FakeWorker = {
      memoryMegabytes,
      received: [],
      terminated: false,
      utilization: 0,
      send: events.message,
      exit: (end = {}) => events.exit({ code: 1, outOfMemory: false, error: null, ...end }),
      invocations: () =>
        worker.received.flatMap((message) => (message.type === "invoke" ? [message.id] : [])),
      claim: (id) => {
        const posted = worker.received.find((message) => message.type === "invoke" && message.id === id);
        const defined = worker.received.find((message) => message.type === "define");
        if (posted?.type !== "invoke" || defined?.type !== "define" || !defined.claims) return false;
        return posted.claimAt === null || claim(defined.claims, posted.claimAt, id);
      },
      finish: (value = null) =>
        events.message({
          type: "returned",
          id: worker.invocations().at(-1) ?? 0,
          value,
          answer: null,
          events: "",
        }),
    };
    workers.push(worker);
    if (start) queueMicrotask(() => events.message({ type: "ready" }));
    return {
      post: (message) => worker.received.push(message),
      utilization: () => worker.utilization,
      async terminate() {
        worker.terminated = true;
        worker.exit();
      },
    };
  };
  return { spawn, workers };
}
