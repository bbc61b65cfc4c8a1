import type { IamStatement } from "@queue-run/runtime/config";
import { policyDocument } from "../desired/policy-document.js";
import { nameInArn, queueArn } from "../desired/resource-arns.js";
import { namesSocketApi, withSocketApi } from "../desired/socket-access.js";
import type { Operation } from "../plan/step.js";
import { runFunctionInModel } from "./model-function-operations.js";
import { type ModelRun, mustBe, present, tagged } from "./model-run.js";
import { isOf, type ModelStage } from "./model-stage.js";

/**
 * For tests: does what an operation says to a model, as strictly as AWS would.
 *
 * @returns "left" where messages wait
 * @throws what AWS would refuse
 */
export function runInModel(stage: ModelStage, operation: Operation, run: ModelRun): "done" | "left" {
  const { scope } = run.desired;
  switch (operation.type) {
    case "create-table":
      mustBe(stage.table === null, "a table that is there");
      stage.table = {
        status: "ACTIVE",
        keysMatch: true,
        onDemand: true,
        timeToLive: "disabled",
        tags: operation.tags,
      };
      break;
    case "enable-time-to-live":
      present(stage.table).timeToLive = "enabled";
      break;
    case "bill-on-demand":
      present(stage.table).onDemand = true;
      break;
    case "tag-table":
      present(stage.table).tags = tagged(present(stage.table).tags, operation);
      break;
    case "create-queue": {
      mustBe(!stage.queues.has(operation.physicalName), "a queue that is there");
      mustHaveDeadLetterQueue(stage, operation.attributes);
      const { physicalName, attributes, tags } = operation;
      stage.queues.set(physicalName, {
        url: `https://sqs/${physicalName}`,
        attributes: { ...attributes },
        tags,
      });
      break;
    }
    case "set-queue-attributes": {
      const queue = present(stage.queues.get(operation.physicalName));
      mustHaveDeadLetterQueue(stage, operation.attributes);
      mustBe(!("FifoQueue" in operation.attributes), "setting FifoQueue");
      queue.attributes = { ...queue.attributes, ...operation.attributes };
      break;
    }
    case "lower-retention": {
      const queue = present(stage.queues.get(operation.physicalName));
      queue.attributes = { ...queue.attributes, MessageRetentionPeriod: String(operation.seconds) };
      break;
    }
    case "tag-queue": {
      const queue = present(stage.queues.get(operation.physicalName));
      queue.tags = tagged(queue.tags, operation);
      break;
    }
    case "delete-empty-queue": {
      const { queue, deadLetterQueue, functionName } = operation;
      if ([queue, deadLetterQueue ?? "", ...operation.fedBy].some((name) => run.full.has(name)))
        return "left";
      stage.mappings = stage.mappings.filter(
        (each) => functionName === null || !isOf(each.functionArn, functionName),
      );
      for (const name of [queue, deadLetterQueue ?? ""]) {
        const gone = stage.queues.get(name);
        if (gone) stage.ghosts.push({ arn: queueArn(scope, name), tags: gone.tags });
        stage.queues.delete(name);
      }
      break;
    }
    case "create-role": {
      const { role, statements } = operation;
      mustBe(!stage.roles.has(role.name), "a role that is there");
      const { arn, path, trust, tags } = role;
      stage.roles.set(role.name, { arn, path, trust, policy: modelPolicy(statements, run), tags });
      break;
    }
    case "put-role-policy":
      present(stage.roles.get(operation.roleName)).policy = modelPolicy(operation.statements, run);
      break;
    case "update-trust":
      present(stage.roles.get(operation.role.name)).trust = operation.role.trust;
      break;
    case "tag-role": {
      const role = present(stage.roles.get(operation.roleName));
      role.tags = tagged(role.tags, operation);
      break;
    }
    case "delete-role":
      present(stage.roles.get(operation.roleName));
      mustBe(!stage.functions.has(operation.roleName), "taking the role of a function");
      stage.roles.delete(operation.roleName);
      break;
    case "create-log-group":
      mustBe(!stage.logGroups.has(operation.name), "a log group that is there");
      stage.logGroups.set(operation.name, { retentionDays: null, tags: operation.tags });
      break;
    case "set-log-retention":
      present(stage.logGroups.get(operation.name)).retentionDays = operation.retentionDays;
      break;
    case "tag-log-group": {
      const group = present(stage.logGroups.get(operation.name));
      group.tags = tagged(group.tags, operation);
      break;
    }
    case "create-schedule-group":
      mustBe(!stage.scheduleGroups.has(operation.name), "a group that is there");
      stage.scheduleGroups.set(operation.name, { tags: operation.tags });
      break;
    case "tag-schedule-group": {
      const group = present(stage.scheduleGroups.get(nameInArn(operation.arn)));
      group.tags = tagged(group.tags, operation);
      break;
    }
    case "delete-empty-schedule-group":
      if (run.full.has(operation.name)) return "left";
      mustBe(stage.scheduleGroups.delete(operation.name), "a group that is not there");
      break;
    case "delete-schedule-group":
      mustBe(stage.scheduleGroups.delete(operation.name), "a group that is not there");
      stage.schedules.clear();
      break;
    case "put-schedule": {
      const { schedule, roleArn, exists } = operation;
      present(stage.scheduleGroups.get(operation.group));
      mustBe(stage.schedules.has(schedule.name) === exists, "the other of create and update");
      const { expression, timezone, targetArn, input, retryPolicy } = schedule;
      const target = present(stage.functions.get(targetArn.split(":")[6] ?? ""));
      mustBe(target.live !== null, "a target without an alias");
      stage.schedules.set(schedule.name, {
        expression,
        timezone,
        targetArn,
        roleArn,
        input,
        enabled: true,
        bounds: null,
        retryPolicy,
      });
      break;
    }
    case "delete-schedule":
      mustBe(stage.schedules.delete(operation.name), "a schedule that is not there");
      break;
    default:
      runFunctionInModel(stage, operation, run);
  }
  return "done";
}

function modelPolicy(statements: readonly IamStatement[], { socketUrl }: ModelRun) {
  const named = withSocketApi(statements, socketUrl);
  mustBe(!namesSocketApi(named), "a policy that names what is not there");
  return policyDocument(named);
}

function mustHaveDeadLetterQueue(stage: ModelStage, attributes: Readonly<Record<string, string>>): void {
  if (!attributes.RedrivePolicy) return;
  const { deadLetterTargetArn } = JSON.parse(attributes.RedrivePolicy);
  present(stage.queues.get(nameInArn(deadLetterTargetArn)));
}
