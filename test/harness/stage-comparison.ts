import type { StageDump } from "./dump-stage.js";
import type { Aws } from "./moto-proxy.js";

/** A stage without what differs between two that are alike: names and addresses, numbers of versions. */
export type ComparableStage = Omit<StageDump, "functions"> & {
  functions: Record<string, Omit<StageDump["functions"][string], "version">>;
  /** Of all functions, those that are gone too. */
  mappings: string[];
};

/** @returns what two stages that were deployed from the same files have in common: everything */
export function comparable(dump: StageDump, project: string, stage: string, aws: Aws): ComparableStage {
  const prefix = `${project}-${stage}`;
  const mappings = aws
    .eventSourceMappings()
    .map(({ EventSourceArn, FunctionArn }) => `${EventSourceArn} ${FunctionArn}`)
    .filter((text) => text.includes(`:${prefix}-`))
    .sort();
  const functions = Object.fromEntries(
    Object.entries(dump.functions).map(([name, { version: _, ...rest }]) => [name, rest]),
  );
  const text = JSON.stringify({ ...dump, functions, mappings }, leaveOutEmpty);
  const plain = text
    .replaceAll(prefix, "~")
    .replaceAll(`/queue-run/${project}/${stage}/`, "/queue-run/~/")
    .replaceAll(`"queue-run:stage":"${stage}"`, '"queue-run:stage":"~"')
    .replaceAll(`"QUEUE_RUN_STAGE":"${stage}"`, '"QUEUE_RUN_STAGE":"~"')
    .replace(/https:\/\/[0-9a-f]{32}\.lambda-url/g, "https://~.lambda-url")
    // What API Gateway calls an API, in its address and where it is named.
    .replace(/https:\/\/[0-9a-z]{8,12}\.execute-api/g, "https://~.execute-api")
    .replace(/(:execute-api:[^:"]*:\d+:)[0-9a-z]{8,12}\//g, "$1~/")
    .replaceAll(`execute-api.us-east-1.amazonaws.com/${stage}"`, 'execute-api.us-east-1.amazonaws.com/~"')
    .replaceAll(`:~/${stage}/`, ":~/~/")
    .replaceAll(`"stages":{"${stage}":`, '"stages":{"~":');
  return JSON.parse(plain);
}

/** No network, no limit, no second version: said or not said, it is the same. */
function leaveOutEmpty(name: string, value: unknown): unknown {
  if (name !== "ScalingConfig" && name !== "VpcConfig" && name !== "RoutingConfig") return value;
  const isEmpty = Object.values(value as object).every(
    (each) => typeof each === "object" && Object.keys(each ?? {}).length === 0,
  );
  return isEmpty ? undefined : value;
}
