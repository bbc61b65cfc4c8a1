import type { Operation } from "../plan/step.js";
import { createAlias, updateAlias } from "./alias-operations.js";
import { connectApi, connectSocket, createApi, createSocket } from "./api-operations.js";
import { deleteApi, tagApi } from "./api-parts.js";
import { deleteEmptyQueue } from "./delete-empty-queue.js";
import {
  allowRecursion,
  createFunction,
  deleteFunction,
  publishVersion,
  setAsyncInvocation,
  tagFunction,
  updateCode,
  updateConfiguration,
} from "./function-operations.js";
import {
  addPermission,
  createFunctionUrl,
  deleteFunctionUrl,
  removePermission,
  updateFunctionUrl,
} from "./function-url-operations.js";
import { createLogGroup, deleteLogGroup, setLogRetention, tagLogGroup } from "./log-group-operations.js";
import { lowerRetention } from "./lower-retention.js";
import { createMapping, deleteMapping, updateMapping } from "./mapping-operations.js";
import type { OperationContext, OperationOutcome, Run } from "./operation.js";
import { deleteParameter } from "./parameter-operations.js";
import { createQueue, deleteQueue, setQueueAttributes, tagQueue } from "./queue-operations.js";
import { createRole, deleteRole, putRolePolicy, tagRole, updateTrust } from "./role-operations.js";
import {
  createScheduleGroup,
  deleteEmptyScheduleGroup,
  deleteSchedule,
  deleteScheduleGroup,
  putSchedule,
  tagScheduleGroup,
} from "./schedule-operations.js";
import { billOnDemand, createTable, deleteTable, enableTimeToLive, tagTable } from "./table-operations.js";

const OPERATIONS: { [T in Operation["type"]]: Run<T> } = {
  "bill-on-demand": billOnDemand,
  "create-table": createTable,
  "enable-time-to-live": enableTimeToLive,
  "tag-table": tagTable,
  "delete-table": deleteTable,
  "create-queue": createQueue,
  "set-queue-attributes": setQueueAttributes,
  "lower-retention": lowerRetention,
  "tag-queue": tagQueue,
  "delete-empty-queue": deleteEmptyQueue,
  "delete-queue": deleteQueue,
  "create-role": createRole,
  "put-role-policy": putRolePolicy,
  "update-trust": updateTrust,
  "tag-role": tagRole,
  "delete-role": deleteRole,
  "create-log-group": createLogGroup,
  "set-log-retention": setLogRetention,
  "tag-log-group": tagLogGroup,
  "delete-log-group": deleteLogGroup,
  "create-function": createFunction,
  "update-configuration": updateConfiguration,
  "update-code": updateCode,
  "publish-version": publishVersion,
  "create-alias": createAlias,
  "update-alias": updateAlias,
  "allow-recursion": allowRecursion,
  "set-async-invocation": setAsyncInvocation,
  "tag-function": tagFunction,
  "delete-function": deleteFunction,
  "create-mapping": createMapping,
  "update-mapping": updateMapping,
  "delete-mapping": deleteMapping,
  "create-function-url": createFunctionUrl,
  "update-function-url": updateFunctionUrl,
  "delete-function-url": deleteFunctionUrl,
  "add-permission": addPermission,
  "remove-permission": removePermission,
  "create-api": createApi,
  "connect-api": connectApi,
  "create-socket": createSocket,
  "connect-socket": connectSocket,
  "tag-api": tagApi,
  "delete-api": deleteApi,
  "create-schedule-group": createScheduleGroup,
  "tag-schedule-group": tagScheduleGroup,
  "delete-schedule-group": deleteScheduleGroup,
  "delete-empty-schedule-group": deleteEmptyScheduleGroup,
  "put-schedule": putSchedule,
  "delete-schedule": deleteSchedule,
  "delete-parameter": deleteParameter,
};

/** Does what an operation says. */
export async function runOperation<T extends Operation["type"]>(
  operation: Extract<Operation, { type: T }>,
  context: OperationContext,
): Promise<OperationOutcome> {
  const run: Run<T> = OPERATIONS[operation.type];
  return run(operation, context);
}
