import type { OpenTelemetryApi } from "@queue-run/runtime/open-telemetry";

/**
 * Has spans made with the project's OpenTelemetry, before any code of the project runs. One that cannot be loaded is
 * found out by the code that imports it.
 *
 * @param url - of the project's `@opentelemetry/api`
 */
export async function connectProjectTelemetry(url: string): Promise<void> {
  const { connectOpenTelemetry } = await import("@queue-run/runtime/open-telemetry");
  const api = (await import(url).catch(() => null)) as OpenTelemetryApi | null;
  if (api?.trace) connectOpenTelemetry(api);
}
