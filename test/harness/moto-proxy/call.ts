import type { IncomingHttpHeaders } from "node:http";

/** A request of an SDK: what it asks for, in AWS's words. */
export type Call = {
  /** As it is signed for: "sqs", "lambda", "iam", "tagging", "apigateway". */
  service: string;
  /** "CreateFunction"; "GET /some/path" where the protocol does not tell. */
  operation: string;
  method: string;
  /** Decoded, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** How the service writes its errors. */
  protocol: "json" | "rest-json" | "query";
  /** As requests and answers have them. */
  url: string;
};

export type CallName = `${string}:${string}`;

/** @returns "lambda:CreateFunction" */
export function nameOf({ service, operation }: Pick<Call, "service" | "operation">): CallName {
  return `${service}:${operation}`;
}

/** The JSON of a request or an answer; `{}` for nothing. */
export function jsonOf({ body }: { body: Buffer }): Record<string, unknown> {
  const text = body.toString("utf8");
  return text === "" ? {} : JSON.parse(text);
}

/** @param url - path and query, as in the request line */
export function identifyCall(method: string, url: string, headers: IncomingHttpHeaders, body: Buffer): Call {
  const { pathname, searchParams: query } = new URL(url, "http://localhost");
  const path = decodeURIComponent(pathname);
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "none";
  const base = { service, method, path, query, headers, body, url };
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    return { ...base, operation: target.slice(target.lastIndexOf(".") + 1), protocol: "json" };
  }
  const rpc = /\/service\/[^/]+\/operation\/([^/]+)$/.exec(path)?.[1];
  if (rpc) return { ...base, operation: rpc, protocol: "json" };
  if (/^application\/x-www-form-urlencoded/.test(headers["content-type"] ?? "")) {
    const action = new URLSearchParams(body.toString("utf8")).get("Action");
    if (action) return { ...base, operation: action, protocol: "query" };
  }
  return { ...base, operation: restOperation(method, path), protocol: "rest-json" };
}

/** [method, path without API version, operation] of the services that are called by method and path. */
const REST_OPERATIONS: [string, RegExp, string][] = [
  ["POST", /^\/functions\/?$/, "CreateFunction"],
  ["GET", /^\/functions\/?$/, "ListFunctions"],
  ["GET", /^\/functions\/[^/]+$/, "GetFunction"],
  ["DELETE", /^\/functions\/[^/]+$/, "DeleteFunction"],
  ["PUT", /^\/functions\/[^/]+\/code$/, "UpdateFunctionCode"],
  ["GET", /^\/functions\/[^/]+\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /^\/functions\/[^/]+\/configuration$/, "UpdateFunctionConfiguration"],
  ["POST", /^\/functions\/[^/]+\/versions$/, "PublishVersion"],
  ["GET", /^\/functions\/[^/]+\/versions$/, "ListVersionsByFunction"],
  ["POST", /^\/functions\/[^/]+\/aliases$/, "CreateAlias"],
  ["GET", /^\/functions\/[^/]+\/aliases$/, "ListAliases"],
  ["GET", /^\/functions\/[^/]+\/aliases\/[^/]+$/, "GetAlias"],
  ["PUT", /^\/functions\/[^/]+\/aliases\/[^/]+$/, "UpdateAlias"],
  ["DELETE", /^\/functions\/[^/]+\/aliases\/[^/]+$/, "DeleteAlias"],
  ["POST", /^\/functions\/[^/]+\/policy$/, "AddPermission"],
  ["GET", /^\/functions\/[^/]+\/policy$/, "GetPolicy"],
  ["DELETE", /^\/functions\/[^/]+\/policy\/[^/]+$/, "RemovePermission"],
  ["PUT", /^\/functions\/[^/]+\/concurrency$/, "PutFunctionConcurrency"],
  ["GET", /^\/functions\/[^/]+\/concurrency$/, "GetFunctionConcurrency"],
  ["DELETE", /^\/functions\/[^/]+\/concurrency$/, "DeleteFunctionConcurrency"],
  ["POST", /^\/functions\/[^/]+\/url$/, "CreateFunctionUrlConfig"],
  ["GET", /^\/functions\/[^/]+\/url$/, "GetFunctionUrlConfig"],
  ["PUT", /^\/functions\/[^/]+\/url$/, "UpdateFunctionUrlConfig"],
  ["DELETE", /^\/functions\/[^/]+\/url$/, "DeleteFunctionUrlConfig"],
  ["GET", /^\/functions\/[^/]+\/urls$/, "ListFunctionUrlConfigs"],
  ["PUT", /^\/functions\/[^/]+\/recursion-config$/, "PutFunctionRecursionConfig"],
  ["GET", /^\/functions\/[^/]+\/recursion-config$/, "GetFunctionRecursionConfig"],
  ["PUT", /^\/functions\/[^/]+\/event-invoke-config$/, "PutFunctionEventInvokeConfig"],
  ["POST", /^\/functions\/[^/]+\/event-invoke-config$/, "UpdateFunctionEventInvokeConfig"],
  ["GET", /^\/functions\/[^/]+\/event-invoke-config$/, "GetFunctionEventInvokeConfig"],
  ["DELETE", /^\/functions\/[^/]+\/event-invoke-config$/, "DeleteFunctionEventInvokeConfig"],
  ["GET", /^\/functions\/[^/]+\/event-invoke-config\/list$/, "ListFunctionEventInvokeConfigs"],
  ["POST", /^\/functions\/[^/]+\/invocations$/, "Invoke"],
  ["POST", /^\/event-source-mappings\/?$/, "CreateEventSourceMapping"],
  ["GET", /^\/event-source-mappings\/?$/, "ListEventSourceMappings"],
  ["GET", /^\/event-source-mappings\/[^/]+$/, "GetEventSourceMapping"],
  ["PUT", /^\/event-source-mappings\/[^/]+$/, "UpdateEventSourceMapping"],
  ["DELETE", /^\/event-source-mappings\/[^/]+$/, "DeleteEventSourceMapping"],
  ["GET", /^\/account-settings\/?$/, "GetAccountSettings"],
  ["POST", /^\/tags\/.+$/, "TagResource"],
  ["GET", /^\/tags\/.+$/, "ListTags"],
  ["DELETE", /^\/tags\/.+$/, "UntagResource"],
  ["POST", /^\/schedules\/[^/]+$/, "CreateSchedule"],
  ["GET", /^\/schedules\/?$/, "ListSchedules"],
  ["GET", /^\/schedules\/[^/]+$/, "GetSchedule"],
  ["PUT", /^\/schedules\/[^/]+$/, "UpdateSchedule"],
  ["DELETE", /^\/schedules\/[^/]+$/, "DeleteSchedule"],
  ["POST", /^\/schedule-groups\/[^/]+$/, "CreateScheduleGroup"],
  ["GET", /^\/schedule-groups\/?$/, "ListScheduleGroups"],
  ["GET", /^\/schedule-groups\/[^/]+$/, "GetScheduleGroup"],
  ["DELETE", /^\/schedule-groups\/[^/]+$/, "DeleteScheduleGroup"],
  ["POST", /^\/apis$/, "CreateApi"],
  ["GET", /^\/apis$/, "GetApis"],
  ["GET", /^\/apis\/[^/]+$/, "GetApi"],
  ["PATCH", /^\/apis\/[^/]+$/, "UpdateApi"],
  ["DELETE", /^\/apis\/[^/]+$/, "DeleteApi"],
  ["POST", /^\/apis\/[^/]+\/integrations$/, "CreateIntegration"],
  ["GET", /^\/apis\/[^/]+\/integrations$/, "GetIntegrations"],
  ["PATCH", /^\/apis\/[^/]+\/integrations\/[^/]+$/, "UpdateIntegration"],
  ["DELETE", /^\/apis\/[^/]+\/integrations\/[^/]+$/, "DeleteIntegration"],
  ["POST", /^\/apis\/[^/]+\/routes$/, "CreateRoute"],
  ["GET", /^\/apis\/[^/]+\/routes$/, "GetRoutes"],
  ["PATCH", /^\/apis\/[^/]+\/routes\/[^/]+$/, "UpdateRoute"],
  ["DELETE", /^\/apis\/[^/]+\/routes\/[^/]+$/, "DeleteRoute"],
  ["POST", /^\/apis\/[^/]+\/stages$/, "CreateStage"],
  ["GET", /^\/apis\/[^/]+\/stages$/, "GetStages"],
  ["GET", /^\/apis\/[^/]+\/stages\/[^/]+$/, "GetStage"],
  ["PATCH", /^\/apis\/[^/]+\/stages\/[^/]+$/, "UpdateStage"],
];

function restOperation(method: string, path: string): string {
  const local = path.replace(/^\/(?:\d{4}-\d\d-\d\d|v2)(?=\/)/, "");
  const known = REST_OPERATIONS.find(([verb, pattern]) => verb === method && pattern.test(local));
  return known?.[2] ?? `${method} ${path}`;
}
