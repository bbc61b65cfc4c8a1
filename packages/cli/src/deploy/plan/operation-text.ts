import { nameInArn } from "../desired/resource-arns.js";
import type { Operation } from "./step.js";

/** What an operation does, as a person reads it; values of variables are never in it. */
export function operationText(operation: Operation): string {
  switch (operation.type) {
    case "create-table":
      return `create table ${operation.name}`;
    case "enable-time-to-live":
      return `let records in table ${operation.table} expire`;
    case "bill-on-demand":
      return `let table ${operation.table} grow on demand`;
    case "tag-table":
      return `tag table ${nameInArn(operation.arn)}`;
    case "delete-table":
      return `delete table ${operation.name}`;
    case "create-queue":
      return `create queue ${operation.physicalName}`;
    case "set-queue-attributes":
      return `set attributes of queue ${operation.physicalName}`;
    case "lower-retention":
      return `keep messages of queue ${operation.physicalName} for a shorter time`;
    case "tag-queue":
      return `tag queue ${operation.physicalName}`;
    case "delete-empty-queue":
      return `drain and delete queue ${operation.queue}`;
    case "delete-queue":
      return `delete queue ${operation.physicalName}`;
    case "create-role":
      return `create role ${operation.role.name}`;
    case "put-role-policy":
      return `set policy of role ${operation.roleName}`;
    case "update-trust":
      return `set who may assume role ${operation.role.name}`;
    case "tag-role":
      return `tag role ${operation.roleName}`;
    case "delete-role":
      return `delete role ${operation.roleName}`;
    case "create-log-group":
      return `create log group ${operation.name}`;
    case "set-log-retention":
      return `keep log group ${operation.name} for ${operation.retentionDays} days`;
    case "tag-log-group":
      return `tag log group ${operation.name}`;
    case "delete-log-group":
      return `delete log group ${operation.name}`;
    case "create-function":
      return `create function ${operation.function.physicalName}`;
    case "update-configuration":
      return `update configuration of function ${operation.function.physicalName}`;
    case "update-code":
      return operation.function.code.from === "zip"
        ? `upload code of function ${operation.function.physicalName}`
        : `bring back code of function ${operation.function.physicalName} from version ${operation.function.code.version}`;
    case "publish-version":
      return `publish version of function ${operation.functionName}`;
    case "create-alias":
      return `create alias live of function ${operation.functionName}${versionText(operation.version)}`;
    case "update-alias":
      return `switch function ${operation.functionName} to its ${operation.version === null ? "new version" : `version ${operation.version}`}`;
    case "allow-recursion":
      return operation.recursiveLoop === "Allow"
        ? `let function ${operation.functionName} push to queues that lead back to it`
        : `stop function ${operation.functionName} when it calls itself in a loop`;
    case "set-async-invocation":
      return `set retries of function ${operation.functionName}`;
    case "tag-function":
      return `tag function ${nameInArn(operation.arn)}`;
    case "delete-function":
      return `delete function ${operation.functionName}`;
    case "create-mapping":
      return `let function ${operation.functionName} consume queue ${nameInArn(operation.mapping.queueArn)}`;
    case "update-mapping":
      return `change how function ${operation.functionName} consumes its queue`;
    case "delete-mapping":
      return `let function ${operation.functionName} no longer consume its queue`;
    case "create-function-url":
      return `create URL of function ${operation.functionName}`;
    case "update-function-url":
      return `update URL of function ${operation.functionName}`;
    case "delete-function-url":
      return `delete URL of function ${operation.functionName}`;
    case "add-permission":
      return `let ${INVOKERS[operation.statementId]} ${operation.functionName}`;
    case "remove-permission":
      return `no longer let ${INVOKERS[operation.statementId]} ${operation.functionName}`;
    case "create-api":
      return `create HTTP API ${operation.name}`;
    case "connect-api":
      return `connect HTTP API ${operation.name} with its function`;
    case "create-socket":
      return `create WebSocket API ${operation.name}`;
    case "connect-socket":
      return `connect WebSocket API ${operation.name} with its function`;
    case "tag-api":
      return `tag API ${operation.name}`;
    case "delete-api":
      return `delete API ${operation.name}`;
    case "create-schedule-group":
      return `create schedule group ${operation.name}`;
    case "tag-schedule-group":
      return `tag schedule group ${nameInArn(operation.arn)}`;
    case "delete-schedule-group":
    case "delete-empty-schedule-group":
      return `delete schedule group ${operation.name}`;
    case "put-schedule":
      return `${operation.exists ? "update" : "create"} schedule ${operation.schedule.name}`;
    case "delete-schedule":
      return `delete schedule ${operation.name}`;
    case "delete-parameter":
      return `delete variables ${operation.name}`;
  }
}

const INVOKERS = {
  "queue-run-url": "everybody call the URL of function",
  "queue-run-invoke": "everybody invoke, through its URL, function",
  "queue-run-api": "the HTTP API invoke function",
  "queue-run-socket": "the WebSocket API invoke function",
} as const;

function versionText(version: string | null): string {
  return version === null ? "" : ` at version ${version}`;
}
