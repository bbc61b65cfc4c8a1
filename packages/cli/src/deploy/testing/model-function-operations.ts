import type { ActualMapping, ActualVersion } from "../actual/actual-state.js";
import type { Addresses } from "../desired/addresses.js";
import { HTTP_PAYLOAD_FORMAT } from "../desired/desired-endpoint.js";
import type { DesiredFunction, DesiredMapping } from "../desired/desired-state.js";
import { EVERYBODY } from "../desired/invokers.js";
import { describeLogFormat, LOG_FORMAT } from "../desired/log-format.js";
import { functionArn, nameInArn } from "../desired/resource-arns.js";
import { SOCKET_ROUTES, socketIntegrationUri } from "../desired/socket-integration.js";
import type { Operation } from "../plan/step.js";
import { type ModelRun, mustBe, present, tagged } from "./model-run.js";
import { liveVersion, type ModelFunction, type ModelStage } from "./model-stage.js";

/** For tests: operations of Lambda and of the endpoint; others are left alone. */
export function runFunctionInModel(stage: ModelStage, operation: Operation, run: ModelRun): void {
  const { scope } = run.desired;
  switch (operation.type) {
    case "create-function": {
      const { function: fn } = operation;
      mustBe(!stage.functions.has(fn.physicalName), "a function that is there");
      mustBe(fn.code.from === "zip", "a function without a zip");
      present(stage.roles.get(fn.role.name));
      const created: ModelFunction = {
        latest: { ...versionOf(fn, run), codeSha256: fn.code.codeSha256 },
        tags: fn.tags,
        versions: [],
        live: null,
        sharesCalls: false,
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
      Object.assign(latest, versionOf(fn, run), { codeSha256 });
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
      found.sharesCalls = false;
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
      stage.ghosts.push({
        arn: functionArn(scope, operation.functionName),
        tags: present(stage.functions.get(operation.functionName)).tags,
      });
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
      const made = { url: run.url, authType: "NONE", invokeMode: "RESPONSE_STREAM", hasCors: false };
      stage.functionUrls.set(operation.functionName, made);
      break;
    }
    case "update-function-url": {
      const found = present(stage.functionUrls.get(operation.functionName));
      Object.assign(found, { authType: "NONE", invokeMode: "RESPONSE_STREAM", hasCors: false });
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
      const { functionName, statementId } = operation;
      const all = stage.permissions.get(functionName) ?? {};
      const apiId = { "queue-run-api": stage.api?.id, "queue-run-socket": stage.socketApi?.id };
      const invoker = statementId in apiId ? present(apiId[statementId as keyof typeof apiId]) : EVERYBODY;
      mustBe(all[statementId] !== invoker, "a permission that is there");
      stage.permissions.set(functionName, { ...all, [statementId]: invoker });
      break;
    }
    case "remove-permission": {
      const { [operation.statementId]: gone, ...others } = present(
        stage.permissions.get(operation.functionName),
      );
      mustBe(gone !== undefined, "no permission");
      stage.permissions.set(operation.functionName, others);
      break;
    }
    case "create-api":
      mustBe(stage.api === null, "an API that is there");
      run.url = `https://api-${stage.count}.execute-api.example`;
      stage.api = {
        id: `a${stage.count++}`,
        url: run.url,
        integrationUri: null,
        payloadFormat: null,
        hasRoute: false,
        hasStage: false,
        tags: operation.tags,
      };
      break;
    case "connect-api":
      Object.assign(present(stage.api), {
        integrationUri: operation.functionArn,
        payloadFormat: HTTP_PAYLOAD_FORMAT,
        hasRoute: true,
        hasStage: true,
      });
      break;
    case "create-socket": {
      mustBe(stage.socketApi === null, "an API that is there");
      const id = `socket${stage.count++}`;
      run.socketUrl = `https://${id}.execute-api.example/${operation.stageName}`;
      const parts = { integrationUri: null, routes: [], hasStage: false };
      stage.socketApi = { id, url: run.socketUrl, ...parts, tags: operation.tags };
      break;
    }
    case "connect-socket":
      Object.assign(present(stage.socketApi), {
        integrationUri: socketIntegrationUri(scope, operation.functionArn),
        routes: [...SOCKET_ROUTES],
        hasStage: true,
      });
      break;
    case "tag-api": {
      const api = present(operation.name.endsWith("-socket") ? stage.socketApi : stage.api);
      api.tags = tagged(api.tags, operation);
      break;
    }
    case "delete-api":
      present(operation.name.endsWith("-socket") ? stage.socketApi : stage.api);
      if (operation.name.endsWith("-socket")) stage.socketApi = null;
      else stage.api = null;
      break;
  }
}

function versionOf(fn: DesiredFunction, { url, socketUrl }: Addresses): ActualVersion {
  const { variables, withUrl, withSocketUrl } = fn.environment;
  return {
    version: "$LATEST",
    codeSha256: "",
    configuration: structuredClone(fn.configuration),
    roleArn: fn.role.arn,
    environment: {
      ...variables,
      ...(withUrl && url !== null && { QUEUE_RUN_URL: url }),
      ...(withSocketUrl && socketUrl !== null && { QUEUE_RUN_SOCKET_URL: socketUrl }),
    },
    logFormat: describeLogFormat(LOG_FORMAT),
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
