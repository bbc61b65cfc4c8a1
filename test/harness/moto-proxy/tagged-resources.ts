import { jsonOf, nameOf } from "./call.js";
import type { EventSourceMapping } from "./event-source-mappings.js";
import type { MotoClient } from "./moto-client.js";
import type { Quirk } from "./quirk.js";
import { jsonReply } from "./reply.js";

/** The most that GetResources takes as TagsPerPage. */
const MOST_TAGS = 500;

type Tagged = { ResourceARN: string; Tags: { Key: string; Value: string }[] };

/**
 * GetResources with Lambda's functions and event source mappings, of which moto lists none: on its last page.
 * Resource Groups Tagging API Reference, GetResources.
 */
export function taggedResources(moto: MotoClient, mappings: () => EventSourceMapping[]): Quirk {
  return {
    before(call) {
      if (nameOf(call) !== "tagging:GetResources" || moto.enforcesIam()) return null;
      // On AWS a page has as many tags as its resources have, unless the caller says otherwise; moto counts 100.
      call.body = Buffer.from(JSON.stringify({ TagsPerPage: MOST_TAGS, ...jsonOf(call) }));
      return null;
    },
    async after(call, reply) {
      if (nameOf(call) !== "tagging:GetResources" || reply.status >= 300) return reply;
      const answer = jsonOf(reply) as { PaginationToken?: string; ResourceTagMappingList?: Tagged[] };
      if (answer.PaginationToken) return reply;
      const { ResourceTypeFilters = [], TagFilters = [] } = jsonOf(call) as {
        ResourceTypeFilters?: string[];
        TagFilters?: { Key: string; Values?: string[] }[];
      };
      const isWanted = (type: string) =>
        ResourceTypeFilters.length === 0 ||
        ResourceTypeFilters.includes("lambda") ||
        ResourceTypeFilters.includes(type);
      const all: Tagged[] = [];
      if (isWanted("lambda:function")) all.push(...(await functions(moto)));
      if (isWanted("lambda:event-source-mapping")) {
        for (const mapping of mappings() as (EventSourceMapping & { EventSourceMappingArn: string })[]) {
          all.push({ ResourceARN: mapping.EventSourceMappingArn, Tags: toTags(mapping.Tags ?? {}) });
        }
      }
      const found = all.filter(
        ({ Tags }) =>
          Tags.length > 0 &&
          TagFilters.every(({ Key, Values = [] }) =>
            Tags.some((tag) => tag.Key === Key && (Values.length === 0 || Values.includes(tag.Value))),
          ),
      );
      const before = (answer.ResourceTagMappingList ?? []).filter(
        ({ ResourceARN }) => !/:lambda:[^:]*:[^:]*:function:/.test(ResourceARN),
      );
      return jsonReply({ ...answer, ResourceTagMappingList: [...before, ...found] });
    },
  };
}

async function functions(moto: MotoClient): Promise<Tagged[]> {
  const { Functions = [] } = ((await moto.lambda("/2015-03-31/functions/")) ?? {}) as {
    Functions?: { FunctionArn: string }[];
  };
  return Promise.all(
    Functions.map(async ({ FunctionArn }) => {
      const arn = FunctionArn.split(":").slice(0, 7).join(":");
      const answer = await moto.lambda(`/2017-03-31/tags/${encodeURIComponent(arn)}`);
      return { ResourceARN: arn, Tags: toTags((answer?.Tags as Record<string, string> | undefined) ?? {}) };
    }),
  );
}

function toTags(tags: Record<string, string>): Tagged["Tags"] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
