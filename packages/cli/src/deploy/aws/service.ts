import type { Clock } from "../../clock/clock.js";
import { awsFailure } from "./aws-failure.js";
import { createCallRate } from "./call-rate.js";
import type { Aws, ClientSettings } from "./connect.js";

/** As far as every client of the SDK is alike. */
type Client = {
  middlewareStack: {
    // biome-ignore lint/suspicious/noExplicitAny: each client has its own union of inputs and outputs; ours fit all.
    add: (middleware: any, options: any) => void;
  };
};

/** What a middleware of ours sees of a call. */
type Call = { input: unknown };
type Next = (call: Call) => Promise<unknown>;

/**
 * A service of AWS: `sqs(aws)` is its client, made when it is first asked for and kept with the connection.
 *
 * Its calls are held to the service's rate (each attempt counts), and what fails is a `QueueRunError`.
 *
 * @param service - as IAM's actions spell it: "sqs", "lambda"
 * @param callsPerSecond - most calls that the service is sent, attempts of the SDK included
 */
export function defineService<C extends Client>({
  service,
  callsPerSecond,
  create,
}: {
  service: string;
  callsPerSecond: number;
  create: (settings: ClientSettings) => C;
}): (aws: Aws) => C {
  const clients = new WeakMap<Aws, C>();
  return (aws) => {
    const known = clients.get(aws);
    if (known) return known;
    const client = create(aws.settings);
    limitRate(client, callsPerSecond, aws.clock);
    wrapFailures(client, service, aws);
    clients.set(aws, client);
    return client;
  };
}

function limitRate(client: Client, callsPerSecond: number, clock: Clock): void {
  const pass = createCallRate(callsPerSecond, clock);
  const limit = (next: Next) => async (call: Call) => {
    await pass();
    return next(call);
  };
  // After the retries' own middleware, so that each attempt waits for its turn; before signing, whose time counts.
  client.middlewareStack.add(limit, {
    step: "finalizeRequest",
    priority: "normal",
    name: "queueRunCallRate",
  });
}

function wrapFailures(client: Client, service: string, { region }: Aws): void {
  const wrap = (next: Next, context: { commandName?: string }) => async (call: Call) => {
    try {
      return await next(call);
    } catch (error) {
      const command = context.commandName ?? "call";
      throw awsFailure(error, { service, command, input: call.input, region });
    }
  };
  client.middlewareStack.add(wrap, { step: "initialize", priority: "high", name: "queueRunFailures" });
}
