import type { Manifest } from "../../project/manifest.js";
import { desiredDelays } from "./desired-delays.js";
import { desiredEndpoint } from "./desired-endpoint.js";
import type { StageVariables } from "./desired-environment.js";
import { desiredFunctions, type FunctionCode } from "./desired-functions.js";
import { desiredQueues } from "./desired-queues.js";
import { desiredScheduling } from "./desired-scheduling.js";
import { desiredSocket } from "./desired-socket.js";
import type { DesiredState, StageScope } from "./desired-state.js";
import { desiredTable } from "./desired-table.js";

/** What a deploy knows when it begins. */
export type DeployInput = {
  manifest: Manifest;
  scope: StageScope;
  variables: StageVariables;
  /** Of `packageFunctions`. */
  packages: readonly FunctionCode[];
};

/** What a stage is to be, down to each attribute. */
export function desiredState({ manifest, scope, variables, packages }: DeployInput): DesiredState {
  const ownTags = manifest.settings.tags ?? {};
  const delays = desiredDelays(manifest.queues, scope, ownTags);
  return {
    scope,
    table: desiredTable(scope, ownTags),
    queues: manifest.queues.flatMap((queue) => desiredQueues(queue, scope, ownTags)),
    functions: desiredFunctions({
      manifest,
      scope,
      variables,
      code: new Map(packages.map((each) => [each.id, each])),
      delays,
    }),
    endpoint: desiredEndpoint(manifest, scope, ownTags),
    socket: desiredSocket(manifest, scope, ownTags),
    scheduling: desiredScheduling(manifest.schedules, scope, ownTags),
    delays,
  };
}
