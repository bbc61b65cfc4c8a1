import { LAMBDA_MAX_TIMEOUT_SECONDS } from "@queue-run/runtime/limits";
import type { RouteDefinition } from "../project/manifest.js";

/** The API's function is ended this long after the longest of its routes should have answered. */
const MARGIN_SECONDS = 5;

/**
 * The timeout of the API's function.
 *
 * @param routes - at least one
 * @returns seconds, at most what Lambda allows
 */
export function apiTimeoutSeconds(routes: readonly Pick<RouteDefinition, "settings">[]): number {
  const longest = Math.max(...routes.map(({ settings }) => settings.timeoutSeconds));
  return Math.min(Math.ceil(longest) + MARGIN_SECONDS, LAMBDA_MAX_TIMEOUT_SECONDS);
}
