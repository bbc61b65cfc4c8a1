import { randomBytes } from "node:crypto";
import { type Call, jsonOf } from "./call.js";
import { functionInPath } from "./function-name.js";
import type { MotoClient } from "./moto-client.js";
import type { Quirk } from "./quirk.js";
import { emptyReply, errorReply, jsonReply, type Reply } from "./reply.js";

/** A function URL without AWS's authorisation. */
export type PublicUrl = {
  url: string;
  /** InvokeMode RESPONSE_STREAM. */
  streams: boolean;
  /** Whether the resource policy has both statements that let anybody in. */
  isOpen: boolean;
};

/**
 * Who may invoke a function and how: function URLs and resource policies of aliases, which moto keeps for the function
 * as a whole, and the recursion setting, which it does not know. Lambda API Reference.
 */
export function functionAccess(moto: MotoClient): {
  quirk: Quirk;
  urlOf: (functionArn: string) => PublicUrl | null;
} {
  const urls = new Map<string, Record<string, unknown>>();
  const policies = new Map<string, Record<string, unknown>[]>();
  const recursion = new Map<string, string>();

  const missing = (call: Call) =>
    errorReply(call, {
      code: "ResourceNotFoundException",
      message: "The resource you requested does not exist.",
      status: 404,
    });
  const exists = (call: Call) =>
    errorReply(call, {
      code: "ResourceConflictException",
      message: "The resource already exists.",
      status: 409,
    });

  async function before(call: Call): Promise<Reply | null> {
    if (call.service !== "lambda" || !OPERATIONS.test(call.operation)) return null;
    const { name, qualifier: inName } = functionInPath(call.path);
    const qualifier = call.query.get("Qualifier") ?? inName;
    const found = await arnOf(moto, name, qualifier);
    if (found === null) return missing(call);
    const { arn, region } = found;
    const input = call.method === "GET" || call.method === "DELETE" ? {} : jsonOf(call);
    switch (call.operation) {
      case "CreateFunctionUrlConfig": {
        if (urls.has(arn)) return exists(call);
        const FunctionUrl = `https://${randomBytes(16).toString("hex")}.lambda-url.${region}.on.aws/`;
        const now = new Date().toISOString();
        urls.set(arn, {
          InvokeMode: "BUFFERED",
          ...input,
          FunctionUrl,
          FunctionArn: arn,
          CreationTime: now,
          LastModifiedTime: now,
        });
        return jsonReply(urls.get(arn), 201);
      }
      case "GetFunctionUrlConfig":
        return urls.has(arn) ? jsonReply(urls.get(arn)) : missing(call);
      case "UpdateFunctionUrlConfig": {
        if (!urls.has(arn)) return missing(call);
        const { Cors, ...config } = { ...urls.get(arn), ...input };
        // Empty settings take away those that are there.
        const isSet = Object.keys(Cors ?? {}).length > 0;
        urls.set(arn, { ...config, ...(isSet && { Cors }), LastModifiedTime: new Date().toISOString() });
        return jsonReply(urls.get(arn));
      }
      case "DeleteFunctionUrlConfig":
        return urls.delete(arn) ? emptyReply(204) : missing(call);
      case "ListFunctionUrlConfigs": {
        const all = [...urls].filter(([key]) => key === arn || key.startsWith(`${arn}:`));
        return jsonReply({ FunctionUrlConfigs: all.map(([, config]) => config) });
      }
      case "AddPermission": {
        const statements = policies.get(arn) ?? [];
        const statement = toStatement(arn, input);
        if (statements.some(({ Sid }) => Sid === statement.Sid)) {
          return errorReply(call, {
            code: "ResourceConflictException",
            message: `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
            status: 409,
          });
        }
        policies.set(arn, [...statements, statement]);
        return jsonReply({ Statement: JSON.stringify(statement) }, 201);
      }
      case "GetPolicy": {
        const Statement = policies.get(arn) ?? [];
        if (Statement.length === 0) return missing(call);
        const Policy = JSON.stringify({ Version: "2012-10-17", Id: "default", Statement });
        return jsonReply({ Policy, RevisionId: "00000000-0000-4000-8000-000000000000" });
      }
      case "RemovePermission": {
        const sid = call.path.slice(call.path.lastIndexOf("/") + 1);
        const statements = policies.get(arn) ?? [];
        if (!statements.some(({ Sid }) => Sid === sid)) return missing(call);
        policies.set(
          arn,
          statements.filter(({ Sid }) => Sid !== sid),
        );
        return emptyReply(204);
      }
      case "PutFunctionRecursionConfig":
        recursion.set(arn, String(input.RecursiveLoop));
        return jsonReply({ RecursiveLoop: recursion.get(arn) });
      case "GetFunctionRecursionConfig":
        return jsonReply({ RecursiveLoop: recursion.get(arn) ?? "Terminate" });
      default:
        return null;
    }
  }

  function after(call: Call, reply: Reply): Reply {
    const isGone = call.operation === "DeleteFunction" && call.service === "lambda" && reply.status < 300;
    if (!isGone || call.query.has("Qualifier")) return reply;
    const { name } = functionInPath(call.path);
    for (const store of [urls, policies, recursion]) {
      for (const key of [...store.keys()]) if (key.split(":")[6] === name) store.delete(key);
    }
    return reply;
  }

  const isOpen = (arn: string, action: string) =>
    (policies.get(arn) ?? []).some(({ Principal, Action }) => Principal === "*" && Action === action);
  return {
    quirk: { before, after },
    urlOf(arn) {
      const config = urls.get(arn);
      if (!config) return null;
      return {
        url: String(config.FunctionUrl),
        streams: config.InvokeMode === "RESPONSE_STREAM",
        isOpen: isOpen(arn, "lambda:InvokeFunctionUrl") && isOpen(arn, "lambda:InvokeFunction"),
      };
    },
  };
}

const OPERATIONS =
  /^(?:(?:Create|Get|Update|Delete|List)FunctionUrlConfigs?|AddPermission|GetPolicy|RemovePermission|(?:Get|Put)FunctionRecursionConfig)$/;

/** A statement of a resource policy, as AddPermission makes it. */
function toStatement(arn: string, input: Record<string, unknown>): Record<string, unknown> {
  const principal = String(input.Principal);
  const Condition: Record<string, Record<string, unknown>> = {};
  if (input.FunctionUrlAuthType)
    Condition.StringEquals = { "lambda:FunctionUrlAuthType": input.FunctionUrlAuthType };
  if (input.SourceAccount)
    Condition.StringEquals = { ...Condition.StringEquals, "AWS:SourceAccount": input.SourceAccount };
  if (input.SourceArn) Condition.ArnLike = { "AWS:SourceArn": input.SourceArn };
  if (input.InvokedViaFunctionUrl !== undefined) {
    Condition.Bool = { "lambda:InvokedViaFunctionUrl": String(input.InvokedViaFunctionUrl) };
  }
  return {
    Sid: input.StatementId,
    Effect: "Allow",
    Principal:
      principal === "*"
        ? "*"
        : principal.endsWith(".amazonaws.com")
          ? { Service: principal }
          : { AWS: principal },
    Action: input.Action,
    Resource: arn,
    ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
  };
}

async function arnOf(moto: MotoClient, name: string, qualifier: string | null) {
  const found = await moto.lambda(`/2015-03-31/functions/${name}/configuration`);
  if (!found) return null;
  const isAlias = qualifier !== null && !/^(?:\d+|\$LATEST)$/.test(qualifier);
  if (isAlias && !(await moto.lambda(`/2015-03-31/functions/${name}/aliases/${qualifier}`))) return null;
  const arn = String(found.FunctionArn).split(":").slice(0, 7).join(":");
  return { arn: qualifier ? `${arn}:${qualifier}` : arn, region: arn.split(":")[3] ?? "" };
}
