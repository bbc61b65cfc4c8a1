import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { HttpContext } from "./http-context.js";
import type { HttpRequest, QueryValues, User } from "./http-request.js";
import { issuesReply, type RequestIssue } from "./problem-reply.js";
import { toRequestIssues } from "./schema-issues.js";

/** Standard Schemas (zod, valibot, arktype) for parts of a request. What is left out is not checked. */
export type RouteSchemas = {
  body?: StandardSchemaV1;
  query?: StandardSchemaV1;
  params?: StandardSchemaV1;
};

type Output<S, Otherwise> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : Otherwise;

/** What the handler of `route` is called with: each part as its schema gives it. */
export type RouteRequest<S extends RouteSchemas> = HttpRequest<
  Output<S["body"], unknown>,
  Output<S["params"], Record<string, string>>,
  User,
  Output<S["query"], QueryValues>
>;

const PARTS = ["params", "query", "body"] as const;

/**
 * Makes a handler whose body, query and params have been validated, and are typed: the handler gets what the schemas
 * give. A request that fails one is answered 422 with every issue.
 */
export function route<const S extends RouteSchemas, R>(
  schemas: S,
  handler: (request: RouteRequest<S>) => R,
): (request: HttpRequest) => Promise<Awaited<R>> {
  const validated = async (request: HttpContext): Promise<Awaited<R>> => {
    const issues: RequestIssue[] = [];
    const values: { [Part in (typeof PARTS)[number]]?: unknown } = {};
    for (const part of PARTS) {
      const result = await schemas[part]?.["~standard"].validate(request[part]);
      if (result?.issues) issues.push(...toRequestIssues(part, result.issues));
      else if (result) values[part] = result.value;
    }
    if (issues.length > 0) throw issuesReply(issues);
    return await handler(Object.assign(request, values) as unknown as RouteRequest<S>);
  };
  return validated as unknown as (request: HttpRequest) => Promise<Awaited<R>>;
}
