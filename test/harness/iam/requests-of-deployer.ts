import { iamActionOf } from "../../../packages/cli/src/deploy/aws/iam-action.js";
import type { CountedCall } from "../moto-proxy.js";
import type { IamRequest } from "./allows.js";

type Place = { region: string; account: string };
type Context = IamRequest["context"];

/** Services whose actions have another prefix than their requests are signed for. */
const PREFIXES: Record<string, string> = { tagging: "tag", monitoring: "cloudwatch" };

/** @returns what a policy calls a call that the proxy saw */
export function actionOf({ service, operation }: Pick<CountedCall, "service" | "operation">): string {
  if (service === "scheduler" && operation === "ListTags") return "scheduler:ListTagsForResource";
  return iamActionOf(PREFIXES[service] ?? service, `${operation}Command`);
}

/**
 * What calls of the command line ask IAM for: their actions on their resources, and the roles that they pass. Where AWS
 * may take a resource in two ways (a function with its alias or without, a log group with ":*" or without), both are
 * asked for. Service Authorization Reference.
 *
 * @param calls - from the first deploy of a stage on: paths of roles and functions of mappings are in the early ones
 */
export function requestsOfDeployer(calls: readonly CountedCall[], place: Place): IamRequest[] {
  const seen: Seen = { roles: new Map(), consumers: [] };
  return calls.flatMap((call) => {
    const resourcesOf = RESOURCES[call.service];
    if (!resourcesOf) throw new Error(`Nobody knows the resources of ${call.service}.`);
    const action = actionOf(call);
    const { resources, context = {}, passes = [] } = resourcesOf(call, place, seen);
    const tagging = /"tags":|Tags\.member|"Tags":/.test(call.body) ? TAGGING[action] : undefined;
    const actions = tagging === undefined ? [action] : [action, tagging];
    return [
      ...actions.flatMap((each) => resources.map((resource) => ({ action: each, resource, context }))),
      ...passes.map(({ role, to }) => ({
        action: "iam:PassRole",
        resource: role,
        context: { "iam:PassedToService": [to] },
      })),
    ];
  });
}

type Seen = { roles: Map<string, string>; consumers: string[] };
type Asked = { resources: string[]; context?: Context; passes?: { role: string; to: string }[] };

/** What making something with tags asks for besides. */
const TAGGING: Record<string, string> = {
  "dynamodb:CreateTable": "dynamodb:TagResource",
  "iam:CreateRole": "iam:TagRole",
  "lambda:CreateEventSourceMapping": "lambda:TagResource",
  "lambda:CreateFunction": "lambda:TagResource",
  "logs:CreateLogGroup": "logs:TagResource",
  "scheduler:CreateScheduleGroup": "scheduler:TagResource",
  "sqs:CreateQueue": "sqs:TagQueue",
  "ssm:PutParameter": "ssm:AddTagsToResource",
};

/** An action that knows no resource is allowed where "*" is. */
const ALL: Asked = { resources: ["*"] };

const RESOURCES: Record<string, (call: CountedCall, place: Place, seen: Seen) => Asked> = {
  sts: () => ALL,
  tagging: () => ALL,
  monitoring: () => ALL,
  sqs(call, place) {
    const { QueueUrl = "", QueueName } = jsonIn<{ QueueUrl?: string; QueueName?: string }>(call);
    return { resources: [arn("sqs", place, QueueName ?? QueueUrl.slice(QueueUrl.lastIndexOf("/") + 1))] };
  },
  dynamodb(call, place) {
    const input = jsonIn<{ TableName?: string; ResourceArn?: string; RequestItems?: object }>(call);
    const names = input.RequestItems ? Object.keys(input.RequestItems) : [input.TableName ?? ""];
    return {
      resources: input.ResourceArn
        ? [input.ResourceArn]
        : names.map((name) => arn("dynamodb", place, `table/${name}`)),
    };
  },
  ssm(call, place) {
    const { Name = "", ResourceId } = jsonIn<{ Name?: string; ResourceId?: string }>(call);
    return { resources: [arn("ssm", place, `parameter${ResourceId ?? Name}`)] };
  },
  logs(call, place) {
    if (call.operation === "DescribeLogGroups") return ALL;
    const input = jsonIn<{ logGroupName?: string; logGroupIdentifier?: string; resourceArn?: string }>(call);
    const group =
      input.resourceArn ?? arn("logs", place, `log-group:${input.logGroupName ?? input.logGroupIdentifier}`);
    return { resources: [group.replace(/:\*$/, ""), `${group.replace(/:\*$/, "")}:*`] };
  },
  iam(call, { account }, { roles }) {
    if (call.operation === "ListRoles") return ALL;
    const input = new URLSearchParams(call.body);
    const name = input.get("RoleName") ?? "";
    if (call.operation === "CreateRole")
      roles.set(name, `arn:aws:iam::${account}:role${input.get("Path")}${name}`);
    // IAM does not know the path of a role that is not there.
    const role = roles.get(name) ?? `arn:aws:iam::${account}:role/${name}`;
    if (call.operation === "DeleteRole") roles.delete(name);
    return { resources: [role] };
  },
  lambda(call, place, { consumers }) {
    const input = jsonIn<{ FunctionName?: string; Role?: string }>(call);
    if (call.path.includes("/event-source-mappings")) {
      if (call.operation === "ListEventSourceMappings") return ALL;
      if (input.FunctionName) consumers.push(input.FunctionName);
      return {
        resources: [arn("lambda", place, "event-source-mapping:8d7f6b1e-0000-4000-8000-000000000000")],
        context: { "lambda:FunctionArn": [consumers.at(-1) ?? ""] },
      };
    }
    const tagged = /\/tags\/(arn:.+)$/.exec(call.path)?.[1];
    if (tagged) return { resources: [tagged] };
    const inPath = /\/functions\/([^/]+)/.exec(call.path)?.[1] ?? input.FunctionName ?? "";
    const [name = "", qualifier] = inPath.split(":").slice(inPath.startsWith("arn:") ? 6 : 0);
    const own = arn("lambda", place, `function:${name}`);
    const alias = call.query.get("Qualifier") ?? qualifier;
    const passes = input.Role ? [{ role: input.Role, to: "lambda.amazonaws.com" }] : [];
    return { resources: alias ? [own, `${own}:${alias}`] : [own], passes };
  },
  scheduler(call, place) {
    if (call.operation === "ListSchedules") return ALL;
    const tagged = /\/tags\/(arn:.+)$/.exec(call.path)?.[1];
    if (tagged) return { resources: [tagged] };
    const [, kind, name = ""] = /\/(schedules|schedule-groups)\/([^/]+)$/.exec(call.path) ?? [];
    if (kind === "schedule-groups") return { resources: [arn("scheduler", place, `schedule-group/${name}`)] };
    const input = jsonIn<{ GroupName?: string; Target?: { RoleArn: string } }>(call);
    const group = input.GroupName ?? call.query.get("groupName") ?? "default";
    return {
      resources: [arn("scheduler", place, `schedule/${group}/${name}`)],
      passes: input.Target ? [{ role: input.Target.RoleArn, to: "scheduler.amazonaws.com" }] : [],
    };
  },
  apigateway({ path, operation }, { region }) {
    const resource = (local: string) => `arn:aws:apigateway:${region}::${local}`;
    const [, arnInPath] = /^\/v2\/tags\/(.+)$/.exec(path) ?? [];
    if (arnInPath) return { resources: [resource(`/tags/${encodeURIComponent(arnInPath)}`)] };
    const own = resource(path.replace(/^\/v2/, ""));
    // With tags, it also tags. API Gateway Developer Guide, "Control access by tags".
    return { resources: operation === "CreateApi" ? [own, resource("/tags/x")] : [own] };
  },
};

function arn(service: string, { region, account }: Place, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

function jsonIn<T extends object>({ body }: CountedCall): T {
  return (body.startsWith("{") ? JSON.parse(body) : {}) as T;
}
