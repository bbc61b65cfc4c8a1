import type { InstanceConfig } from "../config/instance.js";
import { describeStacksWith } from "../errors/describe-error.js";
import { toSourceStack } from "../errors/source-stack.js";
import { captureConsole } from "./console-capture.js";
import { logAsJson } from "./json-lines.js";

let isStarted = false;

/**
 * Makes the console this instance's log, once per process. In development what handlers write becomes `log` events,
 * which the development server shows; on Lambda everything becomes lines of JSON.
 */
export function startLogging(instance: InstanceConfig | null): void {
  if (isStarted || !instance) return;
  isStarted = true;
  captureConsole(console, { outsideToo: !instance.readableLogs });
  if (instance.readableLogs) return;
  describeStacksWith(toSourceStack);
  logAsJson((line) => process.stdout.write(line));
}
