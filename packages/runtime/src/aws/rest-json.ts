import { type AwsService, callService } from "./call-service.js";
import type { RestTarget } from "./http-transport.js";

/**
 * One operation of a service that speaks AWS's REST-JSON protocol, with its retries.
 *
 * @param body - an object as JSON, a string as it is; undefined: none
 * @returns the answer's JSON
 * @throws AwsError
 */
export function callRest(
  service: AwsService,
  target: RestTarget,
  body?: object | string,
): Promise<Record<string, unknown>> {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "application/octet-stream" : "application/json";
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": type };
  return callService(service, { headers, body: text, target }, (code) => code);
}
