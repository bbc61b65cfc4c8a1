import type { PushOptions } from "./push-options.js";

/**
 * @param base - the chain's
 * @param options - those of the call, which win; `delay` and `at` replace each other
 */
export function mergePushOptions(base: PushOptions, options: PushOptions | undefined): PushOptions {
  if (!options) return base;
  const merged: PushOptions = { ...base };
  if (options.delay !== undefined || options.at !== undefined) {
    delete merged.delay;
    delete merged.at;
  }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) Object.assign(merged, { [name]: value });
  }
  return merged;
}
