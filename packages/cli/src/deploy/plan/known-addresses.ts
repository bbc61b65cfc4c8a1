import type { ActualDetails, ActualEndpoint, ActualSocket } from "../actual/actual-state.js";
import type { Addresses } from "../desired/addresses.js";
import type { DesiredEndpoint, DesiredSocket, DesiredState } from "../desired/desired-state.js";

/** What is known of an address when a plan is made. */
export type KnownAddress =
  | { url: string | null }
  /** The id of the step that will tell it. */
  | { step: string };

/** Where the stage's addresses come from: they are there, or steps of the plan tell them. */
export type KnownAddresses = { api: KnownAddress; socket: KnownAddress };

/** @param actual - with the addresses that the last deploy recorded; what was not read is as recorded */
export function knownAddresses(
  { endpoint, socket }: Pick<DesiredState, "endpoint" | "socket">,
  actual: Addresses & Partial<Pick<ActualDetails, "endpoint" | "socket">>,
): KnownAddresses {
  return {
    api: knownUrl(endpoint, actual.endpoint, actual.url),
    socket: knownSocketUrl(socket, actual.socket, actual.socketUrl),
  };
}

/** @returns the addresses as far as they are known before anything is done */
export function addressesOf({ api, socket }: KnownAddresses): Addresses {
  return {
    url: "url" in api ? api.url : null,
    socketUrl: "url" in socket ? socket.url : null,
  };
}

function knownUrl(
  endpoint: DesiredEndpoint | null,
  actual: ActualEndpoint | null | undefined,
  recordedUrl: string | null,
): KnownAddress {
  if (endpoint === null) return { url: null };
  if (actual === undefined) return { url: recordedUrl };
  const found = endpoint.type === "url" ? actual?.functionUrl : actual?.api;
  if (found) return { url: found.url };
  return {
    step:
      endpoint.type === "url"
        ? `create-function-url ${endpoint.functionName}`
        : `create-api ${endpoint.name}`,
  };
}

function knownSocketUrl(
  socket: DesiredSocket | null,
  actual: ActualSocket | null | undefined,
  recordedUrl: string | null,
): KnownAddress {
  if (socket === null) return { url: null };
  if (actual === undefined) return { url: recordedUrl };
  return actual?.api ? { url: actual.api.url } : { step: `create-socket ${socket.name}` };
}
