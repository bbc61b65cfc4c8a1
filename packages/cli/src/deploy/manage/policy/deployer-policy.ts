import { physicalQueueNames, stagePrefix } from "@queue-run/runtime/names";
import { stageVariablesParameter } from "../../actual/stage-variables.js";
import type { StageScope } from "../../desired/desired-state.js";
import {
  delayedName,
  functionName,
  rolePath,
  scheduleGroupName,
  schedulerRoleName,
  tableName,
} from "../../desired/resource-names.js";

/** A document as IAM takes it. */
export type PolicyDocument = { Version: "2012-10-17"; Statement: PolicyStatement[] };

type PolicyStatement = {
  Sid: string;
  Effect: "Allow";
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

/**
 * What whoever deploys and manages a stage has to be allowed, and no more: the calls that the code makes, on what it
 * makes. Where AWS knows no resource for an action, it is allowed on all, and only reads.
 *
 * @param scope - "*" as its account or region leaves them open
 * @param vpc - whether functions are in a network of the account's
 */
export function deployerPolicy(scope: StageScope, { vpc = false }: { vpc?: boolean } = {}): PolicyDocument {
  const { partition, region, account } = scope;
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const called = namePrefixes(scope);
  const groups = [scheduleGroupName(scope), delayedName(scope)];
  const functions = arn("lambda", `function:${called.functions}*`);
  const roles = `arn:${partition}:iam::${account}:role${rolePath(scope)}*`;
  const apis = `arn:${partition}:apigateway:${region}::`;
  return {
    Version: "2012-10-17",
    Statement: [
      allow("Queues", "sqs", QUEUE_ACTIONS, [arn("sqs", `${called.queues}*`)]),
      allow("Functions", "lambda", FUNCTION_ACTIONS, [functions, `${functions}:*`]),
      {
        ...allow("Mappings", "lambda", MAPPING_ACTIONS, ["*"]),
        Condition: { ArnLike: { "lambda:FunctionArn": [functions, `${functions}:*`] } },
      },
      allow("TagMappings", "lambda", ["TagResource"], [arn("lambda", "event-source-mapping:*")]),
      allow("Roles", "iam", ROLE_ACTIONS, [roles]),
      // Of a role that is not there IAM knows no path, and of another's it is not ours.
      allow("LookForRoles", "iam", LOOK_FOR_ROLE_ACTIONS, [
        `arn:${partition}:iam::${account}:role/${called.functions}*`,
      ]),
      {
        ...allow("PassRoles", "iam", ["PassRole"], [roles]),
        Condition: {
          StringEquals: { "iam:PassedToService": ["lambda.amazonaws.com", "scheduler.amazonaws.com"] },
        },
      },
      allow("Logs", "logs", LOG_ACTIONS, [
        arn("logs", `log-group:/aws/lambda/${called.functions}*`),
        arn("logs", `log-group:/aws/lambda/${called.functions}*:*`),
      ]),
      allow("Schedules", "scheduler", SCHEDULE_ACTIONS, [
        ...groups.map((group) => arn("scheduler", `schedule-group/${group}`)),
        ...groups.map((group) => arn("scheduler", `schedule/${group}/*`)),
      ]),
      // Before a queue is pruned, whoever's schedules are looked at that may be aimed at it.
      allow("LookForSchedules", "scheduler", ["GetSchedule"], [arn("scheduler", "schedule/default/*")]),
      allow("Table", "dynamodb", TABLE_ACTIONS, [arn("dynamodb", `table/${tableName(scope)}`)]),
      allow("Variables", "ssm", VARIABLE_ACTIONS, [arn("ssm", `parameter${stageVariablesParameter(scope)}`)]),
      allow("HttpApi", "apigateway", HTTP_API_ACTIONS, [`${apis}/apis`, `${apis}/apis/*`, `${apis}/tags/*`]),
      {
        Sid: "Read",
        Effect: "Allow",
        Action: [...READ_ACTIONS, ...(vpc ? NETWORK_ACTIONS : [])],
        Resource: ["*"],
      },
    ],
  };
}

/** Longer than any name may be, so that it is shortened. */
const LONG = "x".repeat(256);

/** What names of a stage's queues begin with, and those of its functions and roles: those that had to be shortened may lack a part of the prefix. */
function namePrefixes(scope: StageScope): { queues: string; functions: string } {
  const whole = `${stagePrefix(scope)}-`;
  const queues = [LONG, `${LONG}.fifo`].flatMap((name) =>
    Object.values(physicalQueueNames({ ...scope, name })),
  );
  const functions = [functionName(scope, LONG), schedulerRoleName(scope), delayedName(scope)];
  return { queues: shared(whole, queues), functions: shared(whole, functions) };
}

/** @returns as much of the beginning as all of the names have */
function shared(beginning: string, names: readonly string[]): string {
  let length = beginning.length;
  while (!names.every((name) => name.startsWith(beginning.slice(0, length)))) length -= 1;
  return beginning.slice(0, length);
}

const QUEUE_ACTIONS = [
  "ChangeMessageVisibility",
  "CreateQueue",
  "DeleteMessage",
  "DeleteQueue",
  "GetQueueAttributes",
  "GetQueueUrl",
  "ListQueueTags",
  "PurgeQueue",
  "ReceiveMessage",
  "SendMessage",
  "SetQueueAttributes",
  "TagQueue",
  "UntagQueue",
];

const FUNCTION_ACTIONS = [
  "AddPermission",
  "CreateAlias",
  "CreateFunction",
  "CreateFunctionUrlConfig",
  "DeleteFunction",
  "DeleteFunctionEventInvokeConfig",
  "DeleteFunctionUrlConfig",
  "GetAlias",
  "GetFunction",
  "GetFunctionConfiguration",
  "GetFunctionEventInvokeConfig",
  "GetFunctionRecursionConfig",
  "GetFunctionUrlConfig",
  "GetPolicy",
  "InvokeFunction",
  "PublishVersion",
  "PutFunctionEventInvokeConfig",
  "PutFunctionRecursionConfig",
  "RemovePermission",
  "TagResource",
  "UntagResource",
  "UpdateAlias",
  "UpdateFunctionCode",
  "UpdateFunctionConfiguration",
  "UpdateFunctionUrlConfig",
];

const MAPPING_ACTIONS = [
  "CreateEventSourceMapping",
  "DeleteEventSourceMapping",
  "GetEventSourceMapping",
  "UpdateEventSourceMapping",
];

const ROLE_ACTIONS = [
  "CreateRole",
  "DeleteRole",
  "DeleteRolePolicy",
  "DetachRolePolicy",
  "GetRole",
  "GetRolePolicy",
  "ListAttachedRolePolicies",
  "ListRolePolicies",
  "PutRolePolicy",
  "TagRole",
  "UntagRole",
  "UpdateAssumeRolePolicy",
];

const LOOK_FOR_ROLE_ACTIONS = ["GetRole", "GetRolePolicy"];

const LOG_ACTIONS = [
  "CreateLogGroup",
  "DeleteLogGroup",
  "FilterLogEvents",
  "ListTagsForResource",
  "PutRetentionPolicy",
  "TagResource",
  "UntagResource",
];

const SCHEDULE_ACTIONS = [
  "CreateSchedule",
  "CreateScheduleGroup",
  "DeleteSchedule",
  "DeleteScheduleGroup",
  "GetSchedule",
  "GetScheduleGroup",
  "ListTagsForResource",
  "TagResource",
  "UntagResource",
  "UpdateSchedule",
];

const TABLE_ACTIONS = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "DescribeTimeToLive",
  "GetItem",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "TagResource",
  "UntagResource",
  "UpdateItem",
  "UpdateTable",
  "UpdateTimeToLive",
];

const VARIABLE_ACTIONS = ["AddTagsToResource", "DeleteParameter", "GetParameter", "PutParameter"];

/** API Gateway's actions are HTTP's methods. */
const HTTP_API_ACTIONS = ["DELETE", "GET", "PATCH", "POST"];

/** Lists that AWS gives whole or not at all. */
const READ_ACTIONS = [
  "cloudwatch:GetMetricData",
  "iam:ListRoles",
  "lambda:ListEventSourceMappings",
  "logs:DescribeLogGroups",
  "scheduler:ListSchedules",
  "sts:GetCallerIdentity",
  "tag:GetResources",
];

/** Lambda looks with the deployer's permissions. Lambda Developer Guide, "Giving Lambda functions access to a VPC". */
const NETWORK_ACTIONS = [
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeVpcs",
  "ec2:GetSecurityGroupsForVpc",
];

function allow(
  Sid: string,
  service: string,
  actions: readonly string[],
  Resource: string[],
): PolicyStatement {
  return { Sid, Effect: "Allow", Action: actions.map((action) => `${service}:${action}`), Resource };
}
