import type { Manifest } from "../../project/manifest.js";
import { projectSettings } from "../../project/project-settings.js";
import type { DesiredEndpoint, StageScope, Tags } from "./desired-state.js";
import { liveArn } from "./resource-arns.js";
import { apiName, functionName } from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";

export const ENDPOINT_UNIT = "endpoint";

/** Of what an HTTP API sends to its function: as a function URL does. API Gateway V2 API Reference, CreateIntegration. */
export const HTTP_PAYLOAD_FORMAT = "2.0";

/** @returns null without routes */
export function desiredEndpoint(
  { routes, settings }: Pick<Manifest, "routes" | "settings">,
  scope: StageScope,
  ownTags: Tags,
): DesiredEndpoint | null {
  if (routes.length === 0) return null;
  const physicalName = functionName(scope, "api");
  return {
    unit: ENDPOINT_UNIT,
    type: projectSettings(settings).http,
    functionName: physicalName,
    functionArn: liveArn(scope, physicalName),
    name: apiName(scope),
    tags: resourceTags(scope, ownTags, "http-api"),
  };
}
