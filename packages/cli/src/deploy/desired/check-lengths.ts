import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import { API_GATEWAY_MAX_NAME_LENGTH, IAM_MAX_PATH_LENGTH, MAX_TAG_VALUE_LENGTH } from "../limits.js";
import type { DesiredState } from "./desired-state.js";
import { rolePath } from "./resource-names.js";
import { NAME_TAG } from "./resource-tags.js";

const TAGS_OF_OURS = `AWS allows ${MAX_TAG_VALUE_LENGTH} in the tags that say whose a resource is`;

/** Names that stand whole where AWS allows no more characters: names of resources are cut, tags and stages are not. */
export function checkLengths({ scope, functions, socket }: DesiredState): Problem[] {
  const problems = functions
    .filter(({ tags }) => (tags[NAME_TAG] ?? "").length > MAX_TAG_VALUE_LENGTH)
    .map(({ file, tags }) =>
      problem(
        "QR_INVALID_SCHEDULE_NAME",
        file,
        null,
        `The tag with the name of its function would be ${tags[NAME_TAG]?.length} characters long; AWS allows ${MAX_TAG_VALUE_LENGTH}.`,
        "Give the file a shorter name.",
      ),
    );
  // That is said already, and mended by the same.
  if (rolePath(scope).length > IAM_MAX_PATH_LENGTH) return problems;
  const { project, stage } = scope;
  if (project.length > MAX_TAG_VALUE_LENGTH)
    problems.push(
      problem(
        "QR_INVALID_CONFIG",
        "queue-run.config.ts",
        null,
        `The project's name has ${project.length} characters; ${TAGS_OF_OURS}.`,
        "Choose a shorter name in queue-run.config.ts.",
      ),
    );
  const stageLimit = socket
    ? {
        most: API_GATEWAY_MAX_NAME_LENGTH,
        why: `API Gateway allows ${API_GATEWAY_MAX_NAME_LENGTH} in the name of a WebSocket API's stage`,
      }
    : { most: MAX_TAG_VALUE_LENGTH, why: TAGS_OF_OURS };
  if (stage.length > stageLimit.most)
    problems.push(
      problem(
        "QR_STAGE_NAME",
        "--stage",
        null,
        `The stage's name has ${stage.length} characters; ${stageLimit.why}.`,
        "Choose a shorter --stage.",
      ),
    );
  return problems;
}
