import { paginateListRoles } from "@aws-sdk/client-iam";
import { paginateGetResources } from "@aws-sdk/client-resource-groups-tagging-api";
import type { Aws } from "../aws/connect.js";
import { iam } from "../aws/iam.js";
import { tagging } from "../aws/tagging.js";
import { toTags } from "../aws/tags.js";
import type { DesiredTable, StageScope } from "../desired/desired-state.js";
import { rolePath, scheduleGroupName } from "../desired/resource-names.js";
import { PROJECT_TAG, STAGE_TAG } from "../desired/resource-tags.js";
import type { ActualSummary, TaggedResource } from "./actual-state.js";
import { listScheduleNames } from "./read-scheduling.js";
import { readStageItems } from "./stage-items.js";

/** The most that GetResources gives at once. Resource Groups Tagging API Reference, GetResources. */
const RESOURCES_PER_PAGE = 100;
/** What planning looks for in the list. Other kinds of ours are found through these, or by their own lists. */
const LISTED_TYPES = ["lambda:function", "sqs", "dynamodb:table", "logs"];
/** The most that ListRoles gives at once. IAM API Reference, ListRoles. */
const ROLES_PER_PAGE = 1000;

/**
 * The first stride: a handful of list calls, at once.
 *
 * @returns what they say, and how many leases the stage has seen: of two readings with the same number, nobody has
 *   deployed between them
 */
export async function readSummary(
  aws: Aws,
  { scope, table }: { scope: StageScope; table: Pick<DesiredTable, "name"> },
): Promise<ActualSummary & { leases: number }> {
  const [items, tagged, roles, scheduleNames] = await Promise.all([
    readStageItems(aws, table.name),
    listTagged(aws, scope),
    listRoles(aws, rolePath(scope)),
    listScheduleNames(aws, scheduleGroupName(scope)),
  ]);
  const { recorded, live, url, socketUrl, lease } = items;
  const leases = lease?.generation ?? 0;
  return { recorded, live, url, socketUrl, tagged, roles, scheduleNames, leases };
}

async function listTagged(aws: Aws, { project, stage }: StageScope): Promise<TaggedResource[]> {
  const resources: TaggedResource[] = [];
  const pages = paginateGetResources(
    { client: tagging(aws) },
    {
      ResourcesPerPage: RESOURCES_PER_PAGE,
      ResourceTypeFilters: LISTED_TYPES,
      TagFilters: [
        { Key: PROJECT_TAG, Values: [project] },
        { Key: STAGE_TAG, Values: [stage] },
      ],
    },
  );
  for await (const { ResourceTagMappingList = [] } of pages) {
    for (const { ResourceARN = "", Tags } of ResourceTagMappingList)
      resources.push({ arn: ResourceARN, tags: toTags(Tags) });
  }
  return resources;
}

async function listRoles(aws: Aws, PathPrefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { Roles = [] } of paginateListRoles(
    { client: iam(aws) },
    { PathPrefix, MaxItems: ROLES_PER_PAGE },
  ))
    names.push(...Roles.flatMap(({ RoleName }) => (RoleName === undefined ? [] : [RoleName])));
  return names;
}
