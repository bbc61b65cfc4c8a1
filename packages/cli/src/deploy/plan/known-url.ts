import type { ActualEndpoint } from "../actual/actual-state.js";
import type { DesiredEndpoint } from "../desired/desired-state.js";

/** What is known of the stage's address when a plan is made. */
export type KnownUrl =
  | { url: string | null }
  /** The id of the step that will tell it. */
  | { step: string };

/**
 * @param actual - undefined: not read, since it is as recorded
 * @param recordedUrl - the address that the last deploy recorded
 * @returns where the stage's address comes from: it is there, or a step of the plan tells it
 */
export function knownUrl(
  endpoint: DesiredEndpoint | null,
  actual: ActualEndpoint | null | undefined,
  recordedUrl: string | null,
): KnownUrl {
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
