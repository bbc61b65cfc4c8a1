import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { defaultRouteSettings, type RouteSettings } from "../../config/route-config.js";
import type { HttpFunction, UserModule } from "../../lambda/functions.js";
import { createHttpHandler } from "../../lambda/http.js";

/** A request as tests write it down. */
export type TestRequest = {
  method?: string;
  /** With its query. */
  path?: string;
  headers?: Record<string, string>;
  cookies?: string[];
  body?: string | Uint8Array;
};

/** What a function URL hands to its function. Lambda Developer Guide, "Function URL request payloads". */
export function testEvent({
  method = "GET",
  path = "/",
  headers = {},
  cookies,
  body,
}: TestRequest): APIGatewayProxyEventV2 {
  const [rawPath = "/", rawQueryString = ""] = splitOnce(path, "?");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookies ? { cookies } : {}),
    headers: { host: "api.example.com", "x-forwarded-proto": "https", ...headers },
    requestContext: {
      accountId: "anonymous",
      apiId: "api",
      domainName: "api.example.com",
      domainPrefix: "api",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
      requestId: "request-1",
      routeKey: "$default",
      stage: "$default",
      time: "22/Nov/2026:07:30:00 +0000",
      timeEpoch: 1_795_000_000_000,
    },
    ...(body === undefined
      ? {}
      : { body: typeof body === "string" ? body : Buffer.from(body).toString("base64") }),
    isBase64Encoded: body !== undefined && typeof body !== "string",
  };
}

/** Modules by the path of their route; keys that end with `_middleware` apply to what is beneath them. */
export type TestModules = Record<string, UserModule & { settings?: Partial<RouteSettings> }>;

/** A function of modules that exist in the test alone. */
export function testFunction(modules: TestModules): HttpFunction {
  const isMiddleware = (path: string): boolean => path.endsWith("_middleware");
  const middlewareOf = (path: string): string[] =>
    Object.keys(modules)
      .filter((key) => isMiddleware(key) && `${path}/`.startsWith(key.slice(0, -"_middleware".length)))
      .sort((a, b) => b.length - a.length);
  return {
    routes: Object.entries(modules)
      .filter(([path]) => !isMiddleware(path))
      .map(([path, { settings, ...module }]) => ({
        path,
        file: path,
        exports: Object.keys(module),
        settings: { ...defaultRouteSettings(), ...settings },
        middleware: middlewareOf(path),
      })),
    load: async (file) => modules[file] ?? {},
  };
}

/** An answer as tests read it. */
export type TestAnswer = {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  text: string;
  bytes: Buffer;
  json: () => unknown;
};

/** Asks a function once. */
export async function ask(modules: TestModules | HttpFunction, request: TestRequest): Promise<TestAnswer> {
  const fn =
    "load" in modules && typeof modules.load === "function"
      ? (modules as HttpFunction)
      : testFunction(modules as TestModules);
  return toTestAnswer(
    await createHttpHandler(fn)(testEvent(request), { getRemainingTimeInMillis: () => 30_000 }),
  );
}

export function toTestAnswer(result: APIGatewayProxyStructuredResultV2): TestAnswer {
  const bytes = Buffer.from(result.body ?? "", result.isBase64Encoded ? "base64" : "utf8");
  return {
    status: result.statusCode ?? 0,
    headers: result.headers as Record<string, string>,
    cookies: result.cookies ?? [],
    bytes,
    text: bytes.toString("utf8"),
    json: () => JSON.parse(bytes.toString("utf8")),
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
