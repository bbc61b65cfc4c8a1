import { codeSha256Of } from "../../../packages/cli/src/build/package/zip.js";
import { type Call, jsonOf, nameOf } from "./call.js";
import { type EventSourceMapping, queueAttributes } from "./event-source-mappings.js";
import { functionInPath, parseFunctionName } from "./function-name.js";
import type { MotoClient } from "./moto-client.js";
import type { Consistency, Quirk } from "./quirk.js";
import { errorReply, jsonReply, type Reply } from "./reply.js";

type Configuration = Record<string, unknown> & {
  FunctionName?: string;
  Version?: string;
  CodeSha256?: string;
};

/**
 * Functions: their logging configuration and their code come back as they were given, new and updated ones take their
 * time, and roles cannot be assumed at once.
 *
 * @param origin - asked for the address under which zips are served
 */
export function functions(
  moto: MotoClient,
  { roleMs, functionMs }: Consistency,
  roleCreatedAt: (roleName: string) => number | null,
  mappings: () => EventSourceMapping[],
  origin: () => string,
): { quirk: Quirk; zipAt: (path: string) => Buffer | null; zipOf: (codeSha256: string) => Buffer | null } {
  const zips = new Map<string, Buffer>();
  const logging = new Map<string, unknown>();
  const busy = new Map<string, { kind: "Pending" | "InProgress"; until: number }>();

  const stateOf = (key: string) => {
    const state = busy.get(key);
    if (state && state.until > Date.now()) return state.kind;
    busy.delete(key);
    return null;
  };
  const keyOf = ({ FunctionName = "", Version = "$LATEST" }: Configuration) =>
    Version === "$LATEST" ? FunctionName : `${FunctionName}:${Version}`;

  const complete = (configuration: Configuration): Configuration => {
    const key = keyOf(configuration);
    const name = configuration.FunctionName ?? "";
    const LoggingConfig = logging.get(key) ?? { LogFormat: "Text", LogGroup: `/aws/lambda/${name}` };
    const state = stateOf(key);
    return {
      ...configuration,
      LoggingConfig,
      State: state === "Pending" ? "Pending" : (configuration.State ?? "Active"),
      ...(state === "Pending"
        ? { StateReasonCode: "Creating", StateReason: "The function is being created." }
        : {}),
      LastUpdateStatus: state === "InProgress" ? "InProgress" : "Successful",
    };
  };

  function roleProblem(call: Call, role: unknown): Reply | null {
    if (typeof role !== "string") return null;
    const createdAt = roleCreatedAt(role.slice(role.lastIndexOf("/") + 1));
    if (createdAt === null || Date.now() - createdAt >= roleMs) return null;
    return errorReply(call, {
      code: "InvalidParameterValueException",
      message: "The role defined for the function cannot be assumed by Lambda.",
    });
  }

  async function timeoutProblem(call: Call, name: string, timeout: unknown): Promise<Reply | null> {
    if (typeof timeout !== "number") return null;
    for (const { FunctionArn, EventSourceArn } of mappings()) {
      if (parseFunctionName(FunctionArn).name !== name) continue;
      const attributes = await queueAttributes(
        moto,
        EventSourceArn.slice(EventSourceArn.lastIndexOf(":") + 1),
      );
      const visibility = Number(attributes?.VisibilityTimeout ?? Number.POSITIVE_INFINITY);
      if (visibility >= timeout) continue;
      return errorReply(call, {
        code: "InvalidParameterValueException",
        message: `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeout} seconds`,
      });
    }
    return null;
  }

  function conflict(call: Call, name: string): Reply | null {
    const state = stateOf(name);
    if (!state) return null;
    const message =
      state === "Pending"
        ? "The operation cannot be performed at this time. The function is currently in the following state: Pending"
        : `The operation cannot be performed at this time. An update is in progress for resource: ${name}`;
    return errorReply(call, { code: "ResourceConflictException", message, status: 409 });
  }

  const changing = new Set([
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:PublishVersion",
    "lambda:PutFunctionConcurrency",
  ]);

  async function before(call: Call): Promise<Reply | null> {
    const operation = nameOf(call);
    if (operation === "lambda:CreateFunction") {
      const input = jsonOf(call) as { Role?: string; Code?: { ZipFile?: string } };
      keepZip(input.Code?.ZipFile);
      return roleProblem(call, input.Role);
    }
    if (!changing.has(operation)) return null;
    const { name } = functionInPath(call.path);
    const refused = conflict(call, name);
    if (refused || operation === "lambda:PublishVersion") return refused;
    const input = jsonOf(call) as { Role?: string; Timeout?: number; ZipFile?: string };
    keepZip(input.ZipFile);
    return roleProblem(call, input.Role) ?? (await timeoutProblem(call, name, input.Timeout));
  }

  function keepZip(base64: string | undefined): void {
    if (base64 === undefined) return;
    const zip = Buffer.from(base64, "base64");
    zips.set(codeSha256Of(zip), zip);
  }

  function after(call: Call, reply: Reply): Reply {
    // Lambda has no other conflict. Lambda API Reference, CreateAlias.
    if (call.service === "lambda" && reply.headers["x-amzn-errortype"] === "ConflictException")
      return { ...reply, headers: { ...reply.headers, "x-amzn-errortype": "ResourceConflictException" } };
    if (call.service !== "lambda" || reply.status >= 300 || call.path.startsWith("/_zips")) return reply;
    const operation = call.operation;
    if (operation === "DeleteFunction") {
      const { name } = functionInPath(call.path);
      const version = call.query.get("Qualifier");
      for (const store of [logging, busy]) {
        for (const key of [...store.keys()]) {
          if (version ? key === `${name}:${version}` : key === name || key.startsWith(`${name}:`))
            store.delete(key);
        }
      }
      return reply;
    }
    if (!DESCRIBING.has(operation)) return reply;
    const answer = jsonOf(reply);
    if (operation === "CreateFunction" || operation === "UpdateFunctionConfiguration") {
      const { LoggingConfig } = jsonOf(call);
      const name = String(answer.FunctionName);
      if (LoggingConfig)
        logging.set(name, { ...(logging.get(name) as object | undefined), ...(LoggingConfig as object) });
    }
    // Creating may publish too.
    if (operation === "PublishVersion" || (operation === "CreateFunction" && answer.Version !== "$LATEST")) {
      const name = String(answer.FunctionName);
      logging.set(`${name}:${answer.Version}`, logging.get(name));
    }
    if (functionMs > 0 && STARTING[operation]) {
      busy.set(keyOf(answer), { kind: STARTING[operation], until: Date.now() + functionMs });
    }
    return { ...jsonReply(describe(operation, answer), reply.status), headers: withoutLength(reply) };
  }

  function describe(operation: string, answer: Record<string, unknown>): unknown {
    if (operation === "ListFunctions")
      return { ...answer, Functions: (answer.Functions as Configuration[]).map(complete) };
    if (operation === "ListVersionsByFunction")
      return { ...answer, Versions: (answer.Versions as Configuration[]).map(complete) };
    if (operation !== "GetFunction") return complete(answer);
    const configuration = answer.Configuration as Configuration;
    const Location = `${origin()}/_zips/${Buffer.from(configuration.CodeSha256 ?? "", "base64").toString("hex")}`;
    return { ...answer, Configuration: complete(configuration), Code: { RepositoryType: "S3", Location } };
  }

  return {
    quirk: { before, after },
    zipOf: (codeSha256) => zips.get(codeSha256) ?? null,
    zipAt(path) {
      const hex = /^\/_zips\/([0-9a-f]+)$/.exec(path)?.[1];
      return hex ? (zips.get(Buffer.from(hex, "hex").toString("base64")) ?? null) : null;
    },
  };
}

const DESCRIBING = new Set([
  "CreateFunction",
  "GetFunction",
  "GetFunctionConfiguration",
  "UpdateFunctionCode",
  "UpdateFunctionConfiguration",
  "PublishVersion",
  "ListFunctions",
  "ListVersionsByFunction",
]);

const STARTING: Record<string, "Pending" | "InProgress"> = {
  CreateFunction: "Pending",
  PublishVersion: "Pending",
  UpdateFunctionCode: "InProgress",
  UpdateFunctionConfiguration: "InProgress",
};

function withoutLength({ headers }: Reply): Reply["headers"] {
  const { "content-length": _, ...rest } = headers;
  return rest;
}
