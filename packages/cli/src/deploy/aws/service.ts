import { awsFailure } from "./aws-failure.js";
import { type CallRate, createCallRate } from "./call-rate.js";
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
/** What the SDK says of a call besides. */
type CallNames = { commandName?: string };
type Next = (call: Call) => Promise<unknown>;

/**
 * A service of AWS: `sqs(aws)` is its client, made when it is first asked for and kept with the connection.
 *
 * Its calls are held to the service's rate (each attempt counts), and what fails is a `QueueRunError`.
 *
 * @param service - as IAM's actions spell it: "sqs", "lambda"
 * @param callsPerSecond - most calls that the service is sent, attempts of the SDK included
 * @param perOperation - that rate is of each operation, not of all together
 */
export function defineService<C extends Client>({
  service,
  callsPerSecond,
  perOperation = false,
  create,
}: {
  service: string;
  callsPerSecond: number;
  perOperation?: boolean;
  create: (settings: ClientSettings) => C;
}): (aws: Aws) => C {
  const clients = new WeakMap<Aws, C>();
  return (aws) => {
    const known = clients.get(aws);
    if (known) return known;
    const client = create(aws.settings);
    limitRate(client, perOperation, () => createCallRate(callsPerSecond, aws.clock));
    wrapFailures(client, service, aws);
    clients.set(aws, client);
    return client;
  };
}

function limitRate(client: Client, perOperation: boolean, createRate: () => CallRate): void {
  const rates = new Map<string, CallRate>();
  const limit = (next: Next, context: CallNames) => async (call: Call) => {
    const name = perOperation ? (context.commandName ?? "") : "";
    const pass = rates.get(name) ?? createRate();
    rates.set(name, pass);
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
  const wrap = (next: Next, context: CallNames) => async (call: Call) => {
    try {
      return await next(call);
    } catch (error) {
      const command = context.commandName ?? "call";
      throw awsFailure(error, { service, command, input: call.input, region });
    }
  };
  client.middlewareStack.add(wrap, { step: "initialize", priority: "high", name: "queueRunFailures" });
}
