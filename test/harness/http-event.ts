import type { APIGatewayProxyEventV2 } from "aws-lambda";

export type HttpEventOptions = {
  method?: string;
  /** With its query. */
  url?: string;
  headers?: Record<string, string>;
  cookies?: string[];
  body?: string | Buffer;
  /** What sends it: both have payload format 2.0, in their own words. */
  from?: "function-url" | "api-gateway";
};

/** A request as a function URL or an HTTP API hands it to Lambda. Lambda Developer Guide, "Function URL payloads". */
export function httpEvent({
  method = "GET",
  url = "/",
  headers = {},
  cookies,
  body,
  from = "function-url",
}: HttpEventOptions = {}): APIGatewayProxyEventV2 {
  const [rawPath = "/", rawQueryString = ""] = url.split("?");
  const query = [...new URLSearchParams(rawQueryString)];
  const apiId = "2345678901abcdefghij";
  const domainName =
    from === "function-url"
      ? `${apiId}.lambda-url.us-east-1.on.aws`
      : `${apiId}.execute-api.us-east-1.amazonaws.com`;
  const isText = typeof body === "string";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookies ? { cookies } : {}),
    headers: {
      host: domainName,
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      "x-amzn-trace-id": "Root=1-65a1b2c3-0123456789abcdef01234567",
      ...headers,
    },
    ...(query.length > 0
      ? { queryStringParameters: Object.fromEntries(query.map(([name]) => [name, joined(query, name)])) }
      : {}),
    requestContext: {
      accountId: "anonymous",
      apiId,
      domainName,
      domainPrefix: apiId,
      http: {
        method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: "203.0.113.7",
        userAgent: headers["user-agent"] ?? "curl/8",
      },
      requestId: "5b2a0e9e-7f0a-4c7b-9d9f-0123456789ab",
      routeKey: "$default",
      stage: "$default",
      time: "12/Jan/2026:19:31:15 +0000",
      timeEpoch: 1_768_246_275_000,
    },
    ...(body === undefined ? {} : { body: isText ? body : body.toString("base64") }),
    isBase64Encoded: body !== undefined && !isText,
  };
}

function joined(query: [string, string][], name: string): string {
  return query.flatMap(([key, value]) => (key === name ? [value] : [])).join(",");
}
