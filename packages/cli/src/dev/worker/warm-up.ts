import { defaultRouteSettings } from "@queue-run/runtime/config";
import { configureInstance } from "@queue-run/runtime/instance";
import { createStreamingHttpHandler, type UserModule } from "@queue-run/runtime/lambda/http";
import { lambdaContext } from "./lambda-context.js";
import type { HttpEvent, WholeAnswer } from "./protocol.js";
import { ResponseStream } from "./response-stream.js";

/** The least handler there is, with a source map, as the modules of a project have them. */
const MAP = Buffer.from('{"version":3,"sources":[],"names":[],"mappings":""}').toString("base64");
const MODULE = `data:text/javascript,export%20const%20get%3D()%3D%3E%22warm%22%0A//%23%20sourceMappingURL%3Ddata:application/json;base64,${MAP}`;

const FILE = "warm-up";

const EVENT: HttpEvent = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/",
  rawQueryString: "",
  headers: { host: "localhost" },
  requestContext: {
    accountId: "anonymous",
    apiId: "dev",
    domainName: "localhost",
    domainPrefix: "dev",
    http: { method: "GET", path: "/", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "" },
    requestId: FILE,
    routeKey: "$default",
    stage: "$default",
    time: "",
    timeEpoch: 0,
  },
  isBase64Encoded: false,
};

/**
 * Does once what a worker does for its first event, with a project and a request of its own, so that Node and V8 have
 * loaded and compiled what that takes: a spare worker has time for it, and the request after a save has not. It leaves
 * nothing behind but a configuration that the worker's function replaces.
 *
 * @returns the answer to that request: what its test looks at
 */
export async function warmUp(): Promise<WholeAnswer | null> {
  configureInstance({
    project: FILE,
    stage: "dev",
    queues: {},
    sqs: { region: "us-east-1", queueUrlPrefix: "" },
    baseUrl: null,
    readableLogs: true,
  });
  // What handlers import as "queue-run".
  await import("@queue-run/runtime");
  const handler = createStreamingHttpHandler({
    routes: [{ path: "/", file: FILE, exports: ["get"], settings: defaultRouteSettings(), middleware: [] }],
    load: async () => (await import(MODULE)) as UserModule,
  });
  const stream = new ResponseStream(0, () => {});
  await handler(EVENT, stream, lambdaContext("api", 0)(FILE, null));
  if (!stream.writableEnded) stream.end();
  return stream.takeAnswer();
}
