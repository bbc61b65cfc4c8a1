import { physicalQueueNames } from "@queue-run/runtime/names";
import type { ActualSummary, DetailsToRead } from "../../actual/actual-state.js";
import { readDetails } from "../../actual/read-details.js";
import { readSummary } from "../../actual/read-summary.js";
import { readStageVariables } from "../../actual/stage-variables.js";
import { listDeployRecords, readDeployRecord } from "../../apply/deploy-record.js";
import type { Aws } from "../../aws/connect.js";
import type { DesiredState, StageScope } from "../../desired/desired-state.js";
import { desiredTable } from "../../desired/desired-table.js";
import { queueArn } from "../../desired/resource-arns.js";
import { functionName, logGroupName, undeliverableQueueName } from "../../desired/resource-names.js";
import { KIND_TAG, NAME_TAG } from "../../desired/resource-tags.js";
import type { StageContents } from "./plan-deletion.js";

/** Reads everything that a stage has. */
export async function readContents(aws: Aws, scope: StageScope): Promise<StageContents> {
  const nothing: DesiredState = {
    scope,
    table: desiredTable(scope, {}),
    queues: [],
    functions: [],
    endpoint: null,
    socket: null,
    scheduling: null,
    delays: null,
  };
  const [summary, latest, variables] = await Promise.all([
    readSummary(aws, nothing),
    readLatest(aws, nothing.table.name),
    readStageVariables(aws, scope),
  ]);
  const details = await readDetails(aws, nothing, summary, everything(scope, summary, latest));
  return { ...details, roles: summary.roles, hasVariables: Object.keys(variables).length > 0 };
}

/** What the last deploy made: the tagging API may not list it yet. */
async function readLatest(aws: Aws, table: string): Promise<DesiredState | null> {
  const [latest] = await listDeployRecords(aws, table, 1);
  return latest ? ((await readDeployRecord(aws, table, latest.id))?.desired ?? null) : null;
}

function everything(
  scope: StageScope,
  { live, tagged }: ActualSummary,
  latest: DesiredState | null,
): DetailsToRead {
  const named = (...kinds: string[]) =>
    tagged.flatMap(({ tags }) => (kinds.includes(tags[KIND_TAG] ?? "") ? [tags[NAME_TAG] ?? ""] : []));
  const queues = new Set([
    ...named("queue", "dead-letter-queue"),
    ...(latest?.queues.map(({ name }) => name) ?? []),
  ]);
  const functions = new Set([
    ...named("function", "log-group"),
    ...Object.keys(live),
    ...(latest?.functions.map(({ id }) => id) ?? []),
  ]);
  return {
    table: true,
    queues: [
      ...[...queues].flatMap((name) => {
        const { queue, deadLetterQueue } = physicalQueueNames({ ...scope, name });
        return [queue, deadLetterQueue];
      }),
      undeliverableQueueName(scope),
    ],
    functions: [...functions].map((id) => {
      const physicalName = functionName(scope, id);
      const [kind, name] = id.split(":");
      return {
        physicalName,
        roleName: physicalName,
        logGroup: logGroupName(physicalName),
        queueArn:
          kind === "queue" && name ? queueArn(scope, physicalQueueNames({ ...scope, name }).queue) : null,
      };
    }),
    endpoint: true,
    socket: true,
    scheduling: true,
    delays: true,
  };
}
