import type { Manifest } from "../../project/manifest.js";
import type { DesiredSocket, StageScope, Tags } from "./desired-state.js";
import { liveArn } from "./resource-arns.js";
import { functionName, socketName } from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";

export const SOCKET_UNIT = "socket";

/** @returns null without socket/ */
export function desiredSocket(
  { socket }: Pick<Manifest, "socket">,
  scope: StageScope,
  ownTags: Tags,
): DesiredSocket | null {
  if (socket === null) return null;
  const physicalName = functionName(scope, "socket");
  return {
    unit: SOCKET_UNIT,
    file: socket.file,
    functionName: physicalName,
    functionArn: liveArn(scope, physicalName),
    name: socketName(scope),
    stageName: scope.stage,
    tags: resourceTags(scope, ownTags, "websocket-api"),
  };
}
