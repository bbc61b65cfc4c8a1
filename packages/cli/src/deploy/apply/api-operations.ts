import { withoutSlash } from "../actual/read-endpoint.js";
import { socketUrlOf } from "../actual/read-socket.js";
import { HTTP_PAYLOAD_FORMAT } from "../desired/desired-endpoint.js";
import { ROUTE_SELECTION, SOCKET_ROUTES, socketIntegrationUri } from "../desired/socket-integration.js";
import { connectParts, makeApi } from "./api-parts.js";
import type { Run } from "./operation.js";

/** Of the HTTP API: everything that has no route of its own, and the stage whose name is in no address. */
const DEFAULT = "$default";

export const createApi: Run<"create-api"> = async ({ name, tags }, context) => {
  const api = await makeApi(context, { Name: name, ProtocolType: "HTTP", Tags: tags });
  context.results.url = withoutSlash(api.ApiEndpoint);
  return "done";
};

export const connectApi: Run<"connect-api"> = async ({ name, functionArn }, context) => {
  await connectParts(context, name, {
    integration: { IntegrationUri: functionArn, PayloadFormatVersion: HTTP_PAYLOAD_FORMAT },
    routeKeys: [DEFAULT],
    stageName: DEFAULT,
  });
  return "done";
};

export const createSocket: Run<"create-socket"> = async ({ name, stageName, tags }, context) => {
  const api = await makeApi(context, {
    Name: name,
    ProtocolType: "WEBSOCKET",
    RouteSelectionExpression: ROUTE_SELECTION,
    Tags: tags,
  });
  context.results.socketUrl = socketUrlOf(api.ApiEndpoint, stageName);
  return "done";
};

export const connectSocket: Run<"connect-socket"> = async ({ name, stageName, functionArn }, context) => {
  await connectParts(context, name, {
    // Lambda is always invoked by POST, whatever comes in.
    integration: {
      IntegrationUri: socketIntegrationUri(context.scope, functionArn),
      IntegrationMethod: "POST",
    },
    routeKeys: SOCKET_ROUTES,
    stageName,
  });
  return "done";
};
