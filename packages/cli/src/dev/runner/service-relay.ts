import type { Service } from "../services/service.js";
import type { FromWorker, ToWorker } from "../worker/protocol.js";

type Request = Extract<FromWorker, { type: "aws" }>["requests"][number];
type Answer = Extract<ToWorker, { type: "aws" }>["answers"][number];

/** Hands a worker's requests to the dev server's own services. */
export type ServiceRelay = {
  ask(requests: Request[]): void;
  /** The worker is gone: what it would have received goes back. */
  end(): void;
};

/**
 * Requests that one write of the broker's journal answers are answered with one message.
 *
 * @param post - called with at least one answer, until the relay has ended
 */
export function relayServices(service: Service, post: (answers: Answer[]) => void): ServiceRelay {
  const gone = new AbortController();
  let gathered: Answer[] = [];
  const flush = (): void => {
    const answers = gathered;
    gathered = [];
    if (!gone.signal.aborted) post(answers);
  };
  async function answer({ id, ...request }: Request): Promise<void> {
    const answered = await service(request, gone.signal);
    // After all the promises that the same write has settled.
    if (gathered.push({ id, ...answered }) === 1) process.nextTick(flush);
  }
  return {
    ask(requests) {
      for (const request of requests) void answer(request);
    },
    end: () => gone.abort(),
  };
}
