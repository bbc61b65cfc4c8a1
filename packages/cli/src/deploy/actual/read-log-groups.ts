import { ListTagsForResourceCommand, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import type { Aws } from "../aws/connect.js";
import { logs } from "../aws/logs.js";
import { inParallel } from "../in-parallel.js";
import type { ActualFunction, TaggedResource } from "./actual-state.js";

type LogGroup = NonNullable<ActualFunction["logGroup"]>;

/**
 * Reads log groups by name. They are listed by what their names begin with, fifty a call, since functions of a stage
 * have that in common.
 *
 * @param tagged - what the tagging API lists, which saves asking for the tags of each
 */
export async function readLogGroups(
  aws: Aws,
  names: readonly string[],
  tagged: readonly TaggedResource[],
): Promise<Map<string, LogGroup>> {
  const wanted = new Set(names);
  const found: { name: string; arn: string; retentionDays: number | null }[] = [];
  if (wanted.size > 0) {
    const pages = paginateDescribeLogGroups(
      { client: logs(aws) },
      { logGroupNamePrefix: commonStart(names) },
    );
    for await (const { logGroups = [] } of pages) {
      for (const { logGroupName = "", logGroupArn, arn = "", retentionInDays } of logGroups) {
        if (!wanted.has(logGroupName)) continue;
        found.push({
          name: logGroupName,
          arn: logGroupArn ?? arn.replace(/:\*$/, ""),
          retentionDays: retentionInDays ?? null,
        });
      }
    }
  }
  const tagsOf = new Map(tagged.map(({ arn, tags }) => [arn.replace(/:\*$/, ""), tags]));
  const groups = await inParallel(found, 5, async ({ name, arn, retentionDays }) => {
    const tags = tagsOf.get(arn) ?? (await readTags(aws, arn));
    return [name, { retentionDays, tags }] as const;
  });
  return new Map(groups);
}

async function readTags(aws: Aws, arn: string): Promise<LogGroup["tags"]> {
  const { tags = {} } = await logs(aws).send(new ListTagsForResourceCommand({ resourceArn: arn }));
  return tags;
}

function commonStart(names: readonly string[]): string {
  let [start = ""] = names;
  for (const name of names) {
    let length = 0;
    while (length < start.length && start[length] === name[length]) length += 1;
    start = start.slice(0, length);
  }
  return start;
}
