import type { ServerResponse } from "node:http";
import type { ActionContext } from "./actions/action.js";
import type { Broker, Delivery } from "./broker/broker.js";
import type { Owner } from "./queue-names.js";

/** One request, as its action sees it, and what must be taken back if its answer is never written. */
export class RequestContext implements ActionContext {
  readonly broker: Broker;
  readonly owner: Owner;
  readonly origin: string;
  readonly traceHeader: string | undefined;
  #response: ServerResponse;
  #delivery: Delivery | undefined;

  constructor(
    { broker, owner }: { broker: Broker; owner: Owner },
    response: ServerResponse,
    origin: string,
    traceHeader: string | undefined,
  ) {
    this.broker = broker;
    this.owner = owner;
    this.origin = origin;
    this.traceHeader = traceHeader;
    this.#response = response;
  }

  hangUp(): AbortSignal {
    const controller = new AbortController();
    this.#response.once("close", () => {
      if (!this.#response.writableEnded) controller.abort();
    });
    return controller.signal;
  }

  handOver(delivery: Delivery): void {
    this.#delivery = delivery;
  }

  /** The messages that the answer hands over, if any: it matters whether it arrives. */
  get delivery(): Delivery | undefined {
    return this.#delivery;
  }

  /** The answer was not written: what it would have handed over is as if never received. */
  takeBack(): void {
    this.#delivery?.undo();
    this.#delivery = undefined;
  }
}
