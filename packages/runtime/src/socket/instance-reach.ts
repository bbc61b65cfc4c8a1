import { type InstanceConfig, instanceConfig } from "../config/instance.js";
import { noSocket } from "../errors/socket-errors.js";
import type { SocketReach } from "./socket-reach.js";

/** What speaks to API Gateway and the stage's table. */
export type LoadedReach = SocketReach & {
  /** What a client is sent. @throws QueueRunError as `toMessageText` does */
  toText(message: unknown): string;
};

const reaches = new WeakMap<InstanceConfig, Promise<LoadedReach>>();

/**
 * How this instance reaches the connections of its project's socket; loaded when it is first asked for.
 *
 * @throws QueueRunError `QR_NO_SOCKET`
 */
export async function instanceReach(): Promise<LoadedReach> {
  const instance = instanceConfig();
  const link = instance?.socket;
  if (!instance || !link) throw noSocket();
  const existing = reaches.get(instance);
  if (existing) return existing;
  const reach = import("./on-first-send.js").then(({ connectSocket, toMessageText }) => ({
    ...connectSocket(instance, link),
    toText: toMessageText,
  }));
  reaches.set(instance, reach);
  reach.catch(() => reaches.delete(instance));
  return reach;
}
