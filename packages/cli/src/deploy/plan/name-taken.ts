import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import type { StageScope, Tags } from "../desired/desired-state.js";
import { regionOfRole } from "../desired/resource-names.js";
import { PROJECT_TAG, STAGE_TAG } from "../desired/resource-tags.js";

/**
 * A role has the name that one of ours is to have, and is the same stage's in another region.
 *
 * @param file - what it would belong to
 */
export function roleOfAnotherRegion(
  file: string,
  name: string,
  { project, stage }: Pick<StageScope, "project" | "stage">,
  path: string,
): Problem {
  const region = regionOfRole({ project, stage }, path);
  const where = region === null ? `with the path ${path}` : `in ${region}`;
  const move = region === null ? "" : ` --region ${region}`;
  return problem(
    "QR_NAME_TAKEN",
    file,
    null,
    `The IAM role ${name} is of this stage ${where}, and IAM's roles are the same in all regions: what serves there would lose its permissions; nothing was changed.`,
    `Deploy under another --stage or name; or, if the stage is to move, first delete it there: npx queue-run delete --stage ${stage}${move}.`,
  );
}

/**
 * A resource has the name that one of ours is to have, and is not ours.
 *
 * @param file - what it would belong to
 * @param what - "The SQS queue shop-prod-emails"
 * @param tags - what it has
 */
export function nameTaken(
  file: string,
  what: string,
  { project, stage }: Pick<StageScope, "project" | "stage">,
  tags: Tags,
): Problem {
  const owner = tags[PROJECT_TAG];
  const whose =
    owner === undefined
      ? "was not made by queue-run"
      : `belongs to the project ${owner}, stage ${tags[STAGE_TAG] ?? "unknown"}`;
  return problem(
    "QR_NAME_TAKEN",
    file,
    null,
    `${what} is there already and ${whose}; nothing was changed.`,
    `Deploy under another name (name in queue-run.config.ts, or --stage), delete it, or, if it is to become this stage's, tag it ${PROJECT_TAG}=${project} and ${STAGE_TAG}=${stage}.`,
  );
}
