import { parseAuthorization } from "../http/authorization.js";
import { parseCookies } from "../http/cookies.js";
import { addField, emptyFields } from "../http/field-values.js";
import type { SocketApiEvent } from "./socket-api-event.js";
import type { SocketConnectEvent } from "./socket-event.js";

type Handshake = Omit<SocketConnectEvent, "connection" | "user" | "requestId">;

/** Reads what a connection's handshake says; of a message's event, nothing. */
export function readHandshake({
  headers: given,
  multiValueQueryStringParameters,
}: SocketApiEvent): Handshake {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(given ?? {}))
    if (value !== undefined) headers[name.toLowerCase()] = value;
  const query = emptyFields<string>();
  for (const [name, values] of Object.entries(multiValueQueryStringParameters ?? {}))
    for (const value of values ?? []) addField(query, name, value);
  return {
    ...parseAuthorization(headers.authorization),
    cookies: parseCookies(headers.cookie === undefined ? undefined : [headers.cookie]),
    query,
    headers,
  };
}
