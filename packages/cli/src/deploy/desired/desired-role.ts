import type { IamStatement } from "@queue-run/runtime/config";
import type { DesiredRole, StageScope, Tags } from "./desired-state.js";
import { logGroupArn, roleArn } from "./resource-arns.js";
import { rolePath } from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";

/** What a function does with its own queue, as a consumer. Lambda Developer Guide, "Using Lambda with Amazon SQS". */
const CONSUMER_ACTIONS = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibility",
  "sqs:GetQueueAttributes",
];

/** What a schedule's function does with the item that keeps its runs apart. */
const LEASE_ACTIONS = ["dynamodb:UpdateItem", "dynamodb:DeleteItem"];

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
  /** The item of the stage's table that it may change; null for functions that need none. */
  lease: { tableArn: string; key: string } | null;
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
  if (needs.lease)
    statements.push({
      Effect: "Allow",
      Action: LEASE_ACTIONS,
      Resource: [needs.lease.tableArn],
      // Items of that partition key alone. DynamoDB Developer Guide, "Using IAM policy conditions".
      Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [needs.lease.key] } },
    });
  if (needs.inVpc) statements.push({ Effect: "Allow", Action: VPC_ACTIONS, Resource: ["*"] });
  for (const statement of needs.permissions) statements.push({ Effect: "Allow", ...statement });
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
