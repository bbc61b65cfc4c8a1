import { SOCKET_MAX_TIMEOUT_SECONDS } from "../limits/index.js";
import type { Duration } from "../values/duration.js";
import type { Size } from "../values/size.js";
import type { IamStatement } from "./queue-config.js";

/** `export const config` of socket/index.ts. Every member is read without running the file. */
export type SocketConfig = {
  /** For one message, 1 to 29 seconds: as long as API Gateway waits. Default 28. */
  timeout?: Duration;
  /** The function's memory: MB, or "1GB". Default: the project's. */
  memory?: number | Size;
  /** IAM statements for this handler. */
  permissions?: IamStatement[];
};

/** The socket's settings with every default filled in and every unit converted. */
export type SocketSettings = {
  timeoutSeconds: number;
  memoryMegabytes: number | null;
  permissions: IamStatement[];
};

/** Kept back from what API Gateway waits, to tell the client that the time was up. */
const REPORTING_SECONDS = 1;

/** @returns the defaults, as a fresh object */
export function defaultSocketSettings(): SocketSettings {
  return {
    timeoutSeconds: SOCKET_MAX_TIMEOUT_SECONDS - REPORTING_SECONDS,
    memoryMegabytes: null,
    permissions: [],
  };
}

/** @returns how long the socket's function may take: the handler's time, and some to tell that it was up */
export function socketFunctionTimeoutSeconds({
  timeoutSeconds,
}: Pick<SocketSettings, "timeoutSeconds">): number {
  return Math.min(timeoutSeconds + REPORTING_SECONDS, SOCKET_MAX_TIMEOUT_SECONDS);
}
