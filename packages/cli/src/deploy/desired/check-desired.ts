import type { Manifest, Problem } from "../../project/manifest.js";
import { checkEnvironmentSize } from "./check-environment-size.js";
import { checkFunctions } from "./check-functions.js";
import { checkLengths } from "./check-lengths.js";
import { checkNames } from "./check-names.js";
import { checkTags } from "./check-tags.js";
import { checkVariables } from "./check-variables.js";
import type { StageVariables } from "./desired-environment.js";
import type { DesiredState } from "./desired-state.js";

/**
 * Everything that AWS would refuse, found before anything is changed. What reading a project checks already (values of
 * `config` by themselves, sizes of zips) is not here.
 *
 * @returns all problems; none when a deploy may go on
 */
export function checkDesired(
  desired: DesiredState,
  { manifest, variables }: { manifest: Manifest; variables: StageVariables },
): Problem[] {
  return [
    ...checkNames(desired),
    ...checkLengths(desired),
    ...checkFunctions(desired, manifest),
    ...checkVariables(manifest.settings, variables, desired),
    ...checkEnvironmentSize(desired),
    ...checkTags(manifest.settings.tags ?? {}),
  ];
}
