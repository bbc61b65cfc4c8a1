import { ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { defineService } from "./service.js";

/** The Resource Groups Tagging API: GetResources 15 a second. API Reference, "Service quotas". */
export const tagging = defineService({
  service: "tag",
  callsPerSecond: 10,
  create: (settings) => new ResourceGroupsTaggingAPIClient(settings),
});
