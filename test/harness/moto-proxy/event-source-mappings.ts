import { randomUUID } from "node:crypto";
import { type Call, jsonOf } from "./call.js";
import { parseFunctionName } from "./function-name.js";
import type { MotoClient } from "./moto-client.js";
import type { Consistency, Quirk } from "./quirk.js";
import { errorReply, jsonReply, type Reply } from "./reply.js";

type Settings = {
  Enabled?: boolean;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  ScalingConfig?: { MaximumConcurrency?: number };
  FunctionResponseTypes?: string[];
  FilterCriteria?: object;
  Tags?: Record<string, string>;
};

/** An event source mapping, as Lambda describes it. */
export type EventSourceMapping = Settings & {
  UUID: string;
  EventSourceArn: string;
  FunctionArn: string;
  State: string;
};

type Stored = {
  mapping: Omit<EventSourceMapping, "State">;
  enabled: boolean;
  transition: { state: "Creating" | "Updating" | "Deleting"; until: number } | null;
};

/**
 * Event source mappings of queues, which moto keeps under the wrong function, and whose messages it eats. Moto knows
 * nothing of these. Sources: Lambda API Reference, CreateEventSourceMapping; errors as recorded on AWS.
 *
 * @param isRoleSettled - whether the role's policies are known everywhere already
 */
export function eventSourceMappings(
  moto: MotoClient,
  { mappingMs }: Consistency,
  isRoleSettled: (roleName: string) => boolean,
): { quirk: Quirk; list: () => EventSourceMapping[] } {
  const stored = new Map<string, Stored>();

  const settle = () => {
    for (const [uuid, each] of stored) {
      if (!each.transition || each.transition.until > Date.now()) continue;
      if (each.transition.state === "Deleting") stored.delete(uuid);
      each.transition = null;
    }
  };
  const begin = (each: Stored, state: "Creating" | "Updating" | "Deleting") => {
    each.transition = mappingMs > 0 ? { state, until: Date.now() + mappingMs } : null;
  };
  const describe = (each: Stored): EventSourceMapping => ({
    ...each.mapping,
    State: each.transition?.state ?? (each.enabled ? "Enabled" : "Disabled"),
  });
  const invalid = (call: Call, message: string) =>
    errorReply(call, { code: "InvalidParameterValueException", message });
  const notFound = (call: Call, message = "The resource you requested does not exist.") =>
    errorReply(call, { code: "ResourceNotFoundException", message, status: 404 });
  const inUse = (call: Call, verb: string) =>
    errorReply(call, {
      code: "ResourceInUseException",
      message: `Cannot ${verb} the event source mapping because it is in use.`,
    });

  async function create(call: Call): Promise<Reply> {
    const {
      FunctionName = "",
      EventSourceArn = "",
      Enabled = true,
      ...settings
    } = jsonOf(call) as Settings & {
      FunctionName?: string;
      EventSourceArn?: string;
    };
    const { name, qualifier } = parseFunctionName(FunctionName);
    const found = await findFunction(moto, name, qualifier);
    if (!found) return notFound(call, `Function not found: ${FunctionName}`);
    const problem = await problemOf(moto, { EventSourceArn, settings, timeout: found.timeout });
    if (problem) return invalid(call, problem);
    const roleName = found.role.slice(found.role.lastIndexOf("/") + 1);
    if (!isRoleSettled(roleName) || !(await mayReceive(moto, roleName, EventSourceArn))) {
      return invalid(
        call,
        "The provided execution role does not have permissions to call ReceiveMessage on SQS",
      );
    }
    for (const { mapping } of stored.values()) {
      if (mapping.EventSourceArn !== EventSourceArn || mapping.FunctionArn !== found.arn) continue;
      return errorReply(call, {
        code: "ResourceConflictException",
        status: 409,
        message: `An event source mapping with SQS arn (" ${EventSourceArn} ") and function (" ${name} ") already exists. Please update or delete the existing mapping with UUID ${mapping.UUID}`,
      });
    }
    const uuid = randomUUID();
    const region = found.arn.split(":").slice(3, 5).join(":");
    const each: Stored = {
      mapping: {
        BatchSize: 10,
        MaximumBatchingWindowInSeconds: 0,
        FunctionResponseTypes: [],
        ...settings,
        UUID: uuid,
        EventSourceMappingArn: `arn:aws:lambda:${region}:event-source-mapping:${uuid}`,
        EventSourceArn,
        FunctionArn: found.arn,
        LastModified: Date.now() / 1_000,
        StateTransitionReason: "USER_INITIATED",
      } as Stored["mapping"],
      enabled: Enabled,
      transition: null,
    };
    stored.set(uuid, each);
    if (Enabled) begin(each, "Creating");
    return jsonReply(describe(each), 202);
  }

  async function update(call: Call, each: Stored): Promise<Reply> {
    if (each.transition) return inUse(call, "update");
    const {
      Enabled = each.enabled,
      FunctionName,
      ...settings
    } = jsonOf(call) as Settings & { FunctionName?: string };
    const target = parseFunctionName(FunctionName ?? each.mapping.FunctionArn);
    const found = await findFunction(moto, target.name, target.qualifier);
    if (!found) return notFound(call, `Function not found: ${FunctionName ?? each.mapping.FunctionArn}`);
    const merged = { ...each.mapping, ...settings };
    const problem = await problemOf(moto, {
      EventSourceArn: merged.EventSourceArn,
      settings: merged,
      timeout: found.timeout,
    });
    if (problem) return invalid(call, problem);
    if (settings.ScalingConfig && settings.ScalingConfig.MaximumConcurrency === undefined)
      delete merged.ScalingConfig;
    each.mapping = { ...merged, FunctionArn: found.arn };
    each.enabled = Enabled;
    begin(each, "Updating");
    return jsonReply(describe(each), 202);
  }

  function listMappings({ query }: Call): Reply {
    const source = query.get("EventSourceArn");
    const fn = query.get("FunctionName");
    const wanted = fn === null ? null : parseFunctionName(fn);
    const all = [...stored.values()].map(describe).filter(({ EventSourceArn, FunctionArn }) => {
      const { name, qualifier } = parseFunctionName(FunctionArn);
      const isOfFunction = !wanted || (wanted.name === name && wanted.qualifier === qualifier);
      return isOfFunction && (source === null || source === EventSourceArn);
    });
    const from = Number(query.get("Marker") ?? 0);
    const size = Math.min(Number(query.get("MaxItems") ?? 100), 100);
    const next = from + size < all.length ? { NextMarker: String(from + size) } : {};
    return jsonReply({ EventSourceMappings: all.slice(from, from + size), ...next });
  }

  return {
    list: () => {
      settle();
      return [...stored.values()].map(describe);
    },
    quirk: {
      async before(call) {
        if (call.service !== "lambda" || !/EventSourceMappings?$/.test(call.operation)) return null;
        settle();
        if (call.operation === "CreateEventSourceMapping") return create(call);
        if (call.operation === "ListEventSourceMappings") return listMappings(call);
        const each = stored.get(call.path.slice(call.path.lastIndexOf("/") + 1));
        if (!each) return notFound(call);
        if (call.operation === "GetEventSourceMapping") return jsonReply(describe(each));
        if (call.operation === "UpdateEventSourceMapping") return update(call, each);
        if (each.transition) return inUse(call, "delete");
        begin(each, "Deleting");
        if (!each.transition) stored.delete(each.mapping.UUID);
        return jsonReply({ ...describe(each), State: "Deleting" }, 202);
      },
    },
  };
}

async function findFunction(moto: MotoClient, name: string, qualifier: string | null) {
  let version = qualifier;
  if (qualifier !== null && !/^(?:\d+|\$LATEST)$/.test(qualifier)) {
    const alias = await moto.lambda(`/2015-03-31/functions/${name}/aliases/${qualifier}`);
    if (!alias) return null;
    version = String(alias.FunctionVersion);
  }
  const query = version === null ? "" : `?Qualifier=${encodeURIComponent(version)}`;
  const found = await moto.lambda(`/2015-03-31/functions/${name}/configuration${query}`);
  if (!found) return null;
  const arn = String(found.FunctionArn).split(":").slice(0, 7).join(":");
  return {
    arn: qualifier === null ? arn : `${arn}:${qualifier}`,
    timeout: Number(found.Timeout),
    role: String(found.Role),
  };
}

/** @returns what Lambda would not have of these settings, or null */
async function problemOf(
  moto: MotoClient,
  { EventSourceArn, settings, timeout }: { EventSourceArn: string; settings: Settings; timeout: number },
): Promise<string | null> {
  const name = EventSourceArn.slice(EventSourceArn.lastIndexOf(":") + 1);
  const attributes = await queueAttributes(moto, name);
  if (!attributes) {
    return "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.";
  }
  const visibility = Number(attributes.VisibilityTimeout);
  if (visibility < timeout) {
    return `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeout} seconds`;
  }
  const { BatchSize = 10, MaximumBatchingWindowInSeconds: window = 0, ScalingConfig } = settings;
  const fifo = name.endsWith(".fifo");
  if (BatchSize < 1 || BatchSize > (fifo ? 10 : 10_000)) {
    return `Batch size must be between 1 and ${fifo ? 10 : 10_000} for this event source`;
  }
  if (fifo && window > 0) return "Batching window is not supported for FIFO queues";
  if (BatchSize > 10 && window === 0) {
    return "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
  }
  const most = ScalingConfig?.MaximumConcurrency;
  if (most !== undefined && (most < 2 || most > 1_000)) {
    return `1 validation error detected: Value '${most}' at 'scalingConfig.maximumConcurrency' failed to satisfy constraint: Member must have value between 2 and 1000`;
  }
  return null;
}

/** @returns null for a queue that is not there */
export async function queueAttributes(
  moto: MotoClient,
  name: string,
): Promise<Record<string, string> | null> {
  const found = await moto.sqs("GetQueueUrl", { QueueName: name });
  if (!found) return null;
  const answer = await moto.sqs("GetQueueAttributes", { QueueUrl: found.QueueUrl, AttributeNames: ["All"] });
  return (answer?.Attributes as Record<string, string> | undefined) ?? null;
}

/** Whether an inline policy of the role allows receiving from the queue; conditions are not read. */
async function mayReceive(moto: MotoClient, roleName: string, queueArn: string): Promise<boolean> {
  const names = await moto.iam({ Action: "ListRolePolicies", RoleName: roleName });
  for (const [, policyName = ""] of names?.matchAll(/<member>([^<]+)<\/member>/g) ?? []) {
    const xml = await moto.iam({ Action: "GetRolePolicy", RoleName: roleName, PolicyName: policyName });
    const document = /<PolicyDocument>([^<]*)<\/PolicyDocument>/.exec(xml ?? "")?.[1] ?? "{}";
    const { Statement = [] } = JSON.parse(fromXml(document)) as { Statement?: Statement | Statement[] };
    for (const { Effect, Action = [], Resource = [] } of [Statement].flat()) {
      const allows =
        Effect === "Allow" && [Action].flat().some((action) => matches(action, "sqs:ReceiveMessage"));
      if (allows && [Resource].flat().some((resource) => matches(resource, queueArn))) return true;
    }
  }
  return false;
}

type Statement = { Effect: string; Action?: string | string[]; Resource?: string | string[] };

function matches(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(value);
}

/** Policy documents come URL-encoded, or with XML's entities. */
function fromXml(text: string): string {
  const plain = text
    .replaceAll("&quot;", '"')
    .replaceAll("&#34;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
  return plain.startsWith("%7B") ? decodeURIComponent(plain.replaceAll("+", " ")) : plain;
}
