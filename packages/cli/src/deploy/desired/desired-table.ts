import type { DesiredTable, StageScope, Tags } from "./desired-state.js";
import { tableArn } from "./resource-arns.js";
import { tableName } from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";

const TABLE_UNIT = "table";

/** Every stage has one: it holds what deploys record and their lease. */
export function desiredTable(scope: StageScope, ownTags: Tags): DesiredTable {
  const name = tableName(scope);
  return {
    unit: TABLE_UNIT,
    name,
    arn: tableArn(scope, name),
    tags: resourceTags(scope, ownTags, "table"),
  };
}
