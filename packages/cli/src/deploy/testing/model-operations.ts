import type { ActualMapping, ActualVersion } from "../actual/actual-state.js";
import type { DesiredFunction, DesiredMapping, DesiredState, Tags } from "../desired/desired-state.js";
import { policyDocument } from "../desired/policy-document.js";
import { nameInArn } from "../desired/resource-arns.js";
import type { Operation } from "../plan/step.js";
import { isOf, liveVersion, type ModelFunction, type ModelStage } from "./model-stage.js";

/** For tests: what operations of one deploy share. */
export type ModelRun = {
  desired: DesiredState;
  /** The last published version of each function, by id. */
  versions: Map<string, string>;
  url: string | null;
  /** Queues, by physical name, that hold messages. */
  full: ReadonlySet<string>;
};

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
      stage.table = { status: "ACTIVE", keysMatch: true, timeToLive: "disabled", tags: operation.tags };
      break;
    case "enable-time-to-live":
      present(stage.table).timeToLive = "enabled";
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
      stage.queues.delete(queue);
      if (deadLetterQueue !== null) stage.queues.delete(deadLetterQueue);
      break;
    }
    case "create-role": {
      const { role, statements } = operation;
      mustBe(!stage.roles.has(role.name), "a role that is there");
      const { arn, path, trust, tags } = role;
      stage.roles.set(role.name, { arn, path, trust, policy: policyDocument(statements), tags });
      break;
    }
    case "put-role-policy":
      present(stage.roles.get(operation.roleName)).policy = policyDocument(operation.statements);
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
    case "create-function": {
      const { function: fn } = operation;
      mustBe(!stage.functions.has(fn.physicalName), "a function that is there");
      mustBe(fn.code.from === "zip", "a function without a zip");
      present(stage.roles.get(fn.role.name));
      const created: ModelFunction = {
        latest: { ...versionOf(fn, run.url), codeSha256: fn.code.codeSha256 },
        tags: fn.tags,
        versions: [],
        live: null,
        recursiveLoop: "Terminate",
        asyncInvocation: null,
      };
      stage.functions.set(fn.physicalName, created);
      run.versions.set(fn.id, publish(stage, created));
      break;
    }
    case "update-configuration": {
      const { function: fn } = operation;
      const { latest } = present(stage.functions.get(fn.physicalName));
      const { codeSha256, configuration } = latest;
      Object.assign(latest, versionOf(fn, run.url), { codeSha256 });
      latest.configuration = { ...latest.configuration, architecture: configuration.architecture };
      break;
    }
    case "update-code": {
      const { function: fn } = operation;
      const { latest, versions } = present(stage.functions.get(fn.physicalName));
      const { code } = fn;
      if (code.from === "version") present(versions.find(({ version }) => version === code.version));
      latest.codeSha256 = code.codeSha256;
      latest.configuration = { ...latest.configuration, architecture: fn.configuration.architecture };
      break;
    }
    case "publish-version": {
      const found = present(stage.functions.get(operation.functionName));
      mustBe(found.latest.codeSha256 === operation.codeSha256, "publishing other code");
      run.versions.set(operation.functionId, publish(stage, found));
      break;
    }
    case "create-alias":
    case "update-alias": {
      const found = present(stage.functions.get(operation.functionName));
      mustBe(
        (found.live === null) === (operation.type === "create-alias"),
        "the other of create-alias and update-alias",
      );
      const wanted = operation.version ?? run.versions.get(operation.functionId);
      found.live = present(found.versions.find(({ version }) => version === wanted)).version;
      break;
    }
    case "allow-recursion":
      present(stage.functions.get(operation.functionName)).recursiveLoop = operation.recursiveLoop;
      break;
    case "set-async-invocation": {
      const found = present(stage.functions.get(operation.functionName));
      mustBe(found.live !== null, "settings of an alias that is not there");
      found.asyncInvocation = operation.settings;
      break;
    }
    case "tag-function": {
      const found = present(stage.functions.get(nameInArn(operation.arn)));
      found.tags = tagged(found.tags, operation);
      break;
    }
    case "delete-function":
      present(stage.functions.get(operation.functionName));
      stage.functions.delete(operation.functionName);
      stage.functionUrls.delete(operation.functionName);
      stage.permissions.delete(operation.functionName);
      break;
    case "create-mapping": {
      stage.mappings = stage.mappings.filter(({ state }) => state !== "Deleting");
      mustBe(
        !stage.mappings.some(({ queueArn }) => queueArn === operation.mapping.queueArn),
        "a second mapping",
      );
      const mapping = modelMapping(stage, operation.mapping, `mapping-${stage.count++}`);
      stage.mappings.push(mapping);
      break;
    }
    case "update-mapping": {
      const at = stage.mappings.findIndex(({ uuid }) => uuid === operation.uuid);
      mustBe(at >= 0, "a mapping that is not there");
      stage.mappings[at] = modelMapping(stage, operation.mapping, operation.uuid);
      break;
    }
    case "delete-mapping":
      mustBe(
        stage.mappings.some(({ uuid }) => uuid === operation.uuid),
        "a mapping that is not there",
      );
      stage.mappings = stage.mappings.filter(({ uuid }) => uuid !== operation.uuid);
      break;
    case "create-function-url": {
      mustBe(!stage.functionUrls.has(operation.functionName), "a URL that is there");
      mustBe(present(stage.functions.get(operation.functionName)).live !== null, "a URL without an alias");
      run.url = `https://url-${stage.count++}.lambda-url.example`;
      const made = { url: run.url, authType: "NONE", invokeMode: "RESPONSE_STREAM" };
      stage.functionUrls.set(operation.functionName, made);
      break;
    }
    case "update-function-url": {
      const found = present(stage.functionUrls.get(operation.functionName));
      Object.assign(found, { authType: "NONE", invokeMode: "RESPONSE_STREAM" });
      break;
    }
    case "delete-function-url":
      present(stage.functionUrls.get(operation.functionName));
      stage.functionUrls.delete(operation.functionName);
      break;
    case "add-permission": {
      mustBe(
        present(stage.functions.get(operation.functionName)).live !== null,
        "a permission without an alias",
      );
      const all = stage.permissions.get(operation.functionName) ?? new Set();
      mustBe(!all.has(operation.statementId), "a permission that is there");
      stage.permissions.set(operation.functionName, all.add(operation.statementId));
      break;
    }
    case "remove-permission":
      mustBe(
        present(stage.permissions.get(operation.functionName)).delete(operation.statementId),
        "no permission",
      );
      break;
    case "create-api":
      mustBe(stage.api === null, "an API that is there");
      run.url = `https://api-${stage.count++}.execute-api.example`;
      stage.api = {
        id: "a1",
        url: run.url,
        integrationUri: null,
        hasRoute: false,
        hasStage: false,
        tags: operation.tags,
      };
      break;
    case "connect-api":
      Object.assign(present(stage.api), {
        integrationUri: operation.functionArn,
        hasRoute: true,
        hasStage: true,
      });
      break;
    case "tag-api":
      present(stage.api).tags = tagged(present(stage.api).tags, operation);
      break;
    case "delete-api":
      present(stage.api);
      stage.api = null;
      break;
    case "create-schedule-group":
      mustBe(stage.scheduleGroup === null, "a group that is there");
      stage.scheduleGroup = { tags: operation.tags };
      break;
    case "tag-schedule-group":
      present(stage.scheduleGroup).tags = tagged(present(stage.scheduleGroup).tags, operation);
      break;
    case "delete-schedule-group":
      stage.scheduleGroup = null;
      stage.schedules.clear();
      break;
    case "put-schedule": {
      const { schedule, roleArn, exists } = operation;
      present(stage.scheduleGroup);
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
        retryPolicy,
      });
      break;
    }
    case "delete-schedule":
      mustBe(stage.schedules.delete(operation.name), "a schedule that is not there");
      break;
  }
  mustBe(scope.account !== "", "a stage without an account");
  return "done";
}

function versionOf(fn: DesiredFunction, url: string | null): ActualVersion {
  const { variables, withUrl } = fn.environment;
  return {
    version: "$LATEST",
    codeSha256: "",
    configuration: structuredClone(fn.configuration),
    roleArn: fn.role.arn,
    environment: { ...variables, ...(withUrl && url !== null && { QUEUE_RUN_URL: url }) },
    jsonLogs: true,
    logGroup: fn.logGroup.name,
  };
}

/** Publishing again what was published last gives that version again. Lambda API Reference, PublishVersion. */
function publish(stage: ModelStage, found: ModelFunction): string {
  const last = found.versions.at(-1);
  const same = (version: ActualVersion) => JSON.stringify({ ...version, version: "" });
  if (last && same(last) === same(found.latest)) return last.version;
  const version = String(found.versions.length + 1);
  found.versions.push({ ...structuredClone(found.latest), version });
  stage.count++;
  return version;
}

function modelMapping(stage: ModelStage, mapping: DesiredMapping, uuid: string): ActualMapping {
  const [, , , , , , functionName = "", qualifier] = mapping.functionArn.split(":");
  const queue = present(stage.queues.get(nameInArn(mapping.queueArn)));
  mustBe(qualifier === "live", "a mapping that is not on the alias");
  const live = present(liveVersion(present(stage.functions.get(functionName))));
  mustBe(
    Number(queue.attributes.VisibilityTimeout) >= live.configuration.timeoutSeconds,
    "a visibility timeout below the function's",
  );
  return { uuid, ...mapping, state: "Enabled", reportsBatchItemFailures: true };
}

function mustHaveDeadLetterQueue(stage: ModelStage, attributes: Readonly<Record<string, string>>): void {
  if (!attributes.RedrivePolicy) return;
  const { deadLetterTargetArn } = JSON.parse(attributes.RedrivePolicy);
  present(stage.queues.get(nameInArn(deadLetterTargetArn)));
}

function tagged(tags: Tags, { tags: set, removedTags }: { tags: Tags; removedTags: string[] }): Tags {
  const all = { ...tags, ...set };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !removedTags.includes(name)));
}

function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("AWS refuses: there is no such resource.");
  return value;
}

function mustBe(condition: boolean, refused: string): void {
  if (!condition) throw new Error(`AWS refuses: ${refused}.`);
}
