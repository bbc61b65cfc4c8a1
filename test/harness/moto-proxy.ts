import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startMoto } from "./moto.js";
import { functionAccess, type PublicUrl } from "./moto-proxy/access.js";
import { type Call, type CallName, identifyCall, nameOf } from "./moto-proxy/call.js";
import { type EventSourceMapping, eventSourceMappings } from "./moto-proxy/event-source-mappings.js";
import { createFaultPlan, type Fault, type FaultOptions } from "./moto-proxy/faults.js";
import { functions } from "./moto-proxy/functions.js";
import { createMotoClient } from "./moto-proxy/moto-client.js";
import { queues } from "./moto-proxy/queues.js";
import { AT_ONCE, type Consistency, type Quirk } from "./moto-proxy/quirk.js";
import { createRateLimiter, type RateLimit } from "./moto-proxy/rate-limit.js";
import { refusals } from "./moto-proxy/refusals.js";
import { errorReply, type Reply } from "./moto-proxy/reply.js";
import { roles } from "./moto-proxy/roles.js";
import type { AccessKey } from "./moto-proxy/sign-call.js";
import { taggedResources } from "./moto-proxy/tagged-resources.js";

export { SLOW_AWS } from "./moto-proxy/quirk.js";

export type AwsOptions = {
  /** Added to every call. Default 0. */
  latencyMs?: number;
  /** What takes its time, in milliseconds; default: nothing. `SLOW_AWS` has all of it. */
  consistency?: Partial<Consistency>;
  /** Default: none. Lambda's control plane: `{ service: "lambda", perSecond: 15 }`. */
  rateLimits?: RateLimit[];
  /** Called before a call has any effect; it waits for what this returns. Here a test ends the process that called. */
  onCall?: (call: CountedCall, index: number) => void | Promise<void>;
};

/** A call as it is counted: retries of the SDK's are calls too. */
export type CountedCall = {
  service: string;
  operation: string;
  /** "lambda:CreateFunction" */
  name: CallName;
  /** Whether it changes something, by the operation's name. */
  writes: boolean;
  /** Milliseconds since 1970. */
  at: number;
  body: string;
  path: string;
  query: URLSearchParams;
};

/** Moto behind a proxy that does what moto gets wrong, counts, delays and fails. */
export type Aws = {
  /** Of every service: AWS_ENDPOINT_URL. */
  endpoint: string;
  /** Moto itself: nothing that goes there is counted, delayed or failed. */
  motoEndpoint: string;
  account: "123456789012";
  region: "us-east-1";
  /** What a command needs in order to use it. */
  env: Record<string, string>;
  /** Since the start, or since `forget`. */
  calls: () => CountedCall[];
  /** Calls by name. */
  counts: () => Record<CallName, number>;
  forget: () => void;
  /** Signs what the proxy asks moto itself from now on: needed once moto enforces IAM. */
  signWith: (key: AccessKey) => void;
  /** How many calls have come and are not answered yet. */
  underWay: () => number;
  /** @param k - the k-th call from now on, from 1 */
  failAt: (k: number, fault: Fault, options?: FaultOptions) => void;
  /** Takes back the faults that have not happened. */
  clearFaults: () => void;
  /** Changed from the next call on. */
  setLatency: (ms: number) => void;
  eventSourceMappings: () => EventSourceMapping[];
  /** @returns what was uploaded, by Lambda's CodeSha256; null for what never was */
  zipOf: (codeSha256: string) => Uint8Array | null;
  /** @param functionArn - with the alias; null where it has no function URL */
  functionUrlOf: (functionArn: string) => PublicUrl | null;
  stop: () => Promise<void>;
};

const REGION = "us-east-1";

/** Starts moto and its proxy. `motoMissing()` tells first whether that is possible. */
export async function startAws({
  latencyMs = 0,
  consistency: slow = {},
  rateLimits = [],
  onCall,
}: AwsOptions = {}): Promise<Aws> {
  const moto = await startMoto();
  await fetch(`${moto.endpoint}/moto-api/config`, {
    method: "POST",
    body: JSON.stringify({ lambda: { use_docker: false } }),
  });
  const client = createMotoClient(moto.endpoint, REGION);
  const consistency = { ...AT_ONCE, ...slow };
  let endpoint = "";
  const iam = roles(consistency);
  const mappings = eventSourceMappings(client, consistency, iam.isSettled);
  const lambda = functions(client, consistency, iam.createdAt, mappings.list, () => endpoint);
  const access = functionAccess(client);
  const quirks: Quirk[] = [
    refusals,
    mappings.quirk,
    access.quirk,
    lambda.quirk,
    iam.quirk,
    queues(consistency),
    taggedResources(client, mappings.list),
  ];
  const faults = createFaultPlan();
  const isTooFast = createRateLimiter(rateLimits);
  let calls: CountedCall[] = [];
  let index = 0;

  async function answer(call: Call): Promise<Reply> {
    for (const { before } of quirks) {
      const reply = await before?.(call);
      if (reply) return reply;
    }
    let reply = await client.forward(call);
    for (const { after } of quirks) reply = (await after?.(call, reply)) ?? reply;
    return reply;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const call = identifyCall(request.method ?? "GET", request.url ?? "/", request.headers, body);
    const zip = lambda.zipAt(call.path);
    if (zip) {
      response.writeHead(200, { "content-type": "application/zip", "content-length": zip.length }).end(zip);
      return;
    }
    const counted = toCounted(call);
    calls.push(counted);
    await onCall?.(counted, ++index);
    const fault = faults.next(call);
    if (latencyMs > 0) await sleep(latencyMs);
    if (fault === "refuse") {
      request.socket.destroy();
      return;
    }
    if (fault !== null && typeof fault === "object") return send(response, errorReply(call, fault));
    if (isTooFast(call)) return send(response, errorReply(call, TOO_MANY_REQUESTS));
    const reply = await answer(call);
    if (fault === "lose-answer") request.socket.destroy();
    else if (fault === "reset") sendHalf(request, response, reply);
    else send(response, reply);
  }

  let underWay = 0;
  const server = createServer((request, response) => {
    underWay += 1;
    response.once("close", () => {
      underWay -= 1;
    });
    serve(request, response).catch((error: unknown) => {
      console.error("The proxy of moto failed:", error);
      response.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    endpoint,
    motoEndpoint: moto.endpoint,
    account: "123456789012",
    region: REGION,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: "true",
    },
    calls: () => [...calls],
    counts() {
      const counts: Record<CallName, number> = {};
      for (const { name } of calls) counts[name] = (counts[name] ?? 0) + 1;
      return counts;
    },
    forget() {
      calls = [];
      index = 0;
    },
    signWith: client.signWith,
    underWay: () => underWay,
    failAt: faults.failAt,
    clearFaults: faults.clear,
    setLatency(ms) {
      latencyMs = ms;
    },
    eventSourceMappings: mappings.list,
    zipOf: lambda.zipOf,
    functionUrlOf: access.urlOf,
    async stop() {
      server.closeAllConnections();
      server.close();
      await moto.stop();
    },
  };
}

const TOO_MANY_REQUESTS = {
  code: "TooManyRequestsException",
  message: "Rate exceeded",
  status: 429,
  details: { Type: "User", Reason: "CallerRateLimitExceeded" },
};

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function toCounted(call: Call): CountedCall {
  return {
    service: call.service,
    operation: call.operation,
    name: nameOf(call),
    writes: !/^(?:Get|List|Describe|Head|Batch?Get|Query|Scan|Filter|Simulate|Assume|Receive)/.test(
      call.operation,
    ),
    at: Date.now(),
    body: call.body.toString("utf8"),
    path: call.path,
    query: call.query,
  };
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}

/** The head, half of the body, and the connection's end. */
function sendHalf(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Reply,
): void {
  response.writeHead(status, { ...headers, "content-length": body.length + 1 });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.resetAndDestroy());
}
