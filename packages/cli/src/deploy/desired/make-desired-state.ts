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
import { sourceUsesOf } from "./source-uses.js";

/** What a deploy knows when it begins. */
export type DeployInput = {
  manifest: Manifest;
  scope: StageScope;
  variables: StageVariables;
  /** Of `packageFunctions`: the zip of each function, and the files that it was made from. */
  packages: readonly (FunctionCode & { inputs: readonly string[] })[];
  /**
   * The text of a file that a function was made from, by its path relative to the root; null when it cannot be read.
   * What a function may do with queues and the socket is seen in it.
   */
  readInput: (file: string) => string | null;
};

/** What a stage is to be, down to each attribute. */
export function desiredState({ manifest, scope, variables, packages, readInput }: DeployInput): DesiredState {
  const ownTags = manifest.settings.tags ?? {};
  const inputs = new Map(packages.map((each) => [each.id, each.inputs]));
  const usesOf = sourceUsesOf(manifest.queues, readInput);
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
      usesOf: (id) => usesOf(inputs.get(id) ?? []),
    }),
    endpoint: desiredEndpoint(manifest, scope, ownTags),
    socket: desiredSocket(manifest, scope, ownTags),
    scheduling: desiredScheduling(manifest.schedules, scope, ownTags),
    delays,
  };
}
