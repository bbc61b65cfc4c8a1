import type { IamStatement } from "@queue-run/runtime/config";
import type { DesiredDelays, DesiredRole, StageScope, Tags } from "./desired-state.js";
import { type ItemAccess, itemStatement } from "./item-access.js";
import { logGroupArn, roleArn, scheduleArn, tableArn } from "./resource-arns.js";
import { rolePath, tableName } from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";
import { connectionsStatement } from "./socket-access.js";

/** What a function does with its own queue, as a consumer. Lambda Developer Guide, "Using Lambda with Amazon SQS". */
const CONSUMER_ACTIONS = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibility",
  "sqs:GetQueueAttributes",
];

/** What pushing with a long delay does, and cancelling. EventBridge Scheduler API Reference. */
const DELAY_ACTIONS = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"];

/** Network interfaces of a function in a VPC; they have no ARN ahead. Lambda Developer Guide, "VPC access". */
const VPC_ACTIONS = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** What a function may do, besides what its project's `permissions` say. */
export type FunctionNeeds = {
  /** Physical name, and id ("queue:emails"). */
  functionName: string;
  id: string;
  logGroupName: string;
  /** ARNs of the queue that it consumes and of its dead-letter queue; null for other functions. */
  consumes: { queueArn: string; deadLetterArn: string } | null;
  /** ARNs of the queues that it may push to, and its dead-letter queue is not among them. */
  sendsTo: readonly string[];
  /** Where messages with long delays wait; null for functions that push to no queue. */
  delays: DesiredDelays | null;
  /** Whether it sends to the socket's connections. */
  usesSocket: boolean;
  /** The items of the stage's table that it may use. */
  items: readonly ItemAccess[];
  inVpc: boolean;
  /** Of queue-run.config.ts and of the file. */
  permissions: readonly IamStatement[];
};

/** The execution role of one function: nothing that it does not need. */
export function desiredFunctionRole(needs: FunctionNeeds, scope: StageScope, ownTags: Tags): DesiredRole {
  const path = rolePath(scope);
  const statements: IamStatement[] = [
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: [`${logGroupArn(scope, needs.logGroupName)}:*`],
    },
  ];
  const { consumes } = needs;
  if (consumes) statements.push({ Effect: "Allow", Action: CONSUMER_ACTIONS, Resource: [consumes.queueArn] });
  const sends = [...(consumes ? [consumes.deadLetterArn] : []), ...needs.sendsTo];
  if (sends.length > 0)
    statements.push({ Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [...new Set(sends)].sort() });
  if (needs.delays) statements.push(...delayStatements(needs.delays, scope));
  if (needs.usesSocket) statements.push(connectionsStatement(scope));
  for (const access of needs.items) statements.push(itemStatement(tableArn(scope, tableName(scope)), access));
  if (needs.inVpc) statements.push({ Effect: "Allow", Action: VPC_ACTIONS, Resource: ["*"] });
  // Ids have to be distinct in a policy, which may hold an older and a newer statement of one id for a while.
  for (const { Sid: _, ...statement } of needs.permissions)
    statements.push({ Effect: "Allow", ...statement });
  return {
    name: needs.functionName,
    path,
    arn: roleArn(scope, path, needs.functionName),
    trust: {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    },
    statements,
    tags: resourceTags(scope, ownTags, "role", needs.id),
  };
}

function delayStatements({ group, role }: DesiredDelays, scope: StageScope): IamStatement[] {
  return [
    { Effect: "Allow", Action: DELAY_ACTIONS, Resource: [scheduleArn(scope, group.name, "*")] },
    {
      Effect: "Allow",
      Action: ["iam:PassRole"],
      Resource: [role.arn],
      Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
    },
  ];
}
