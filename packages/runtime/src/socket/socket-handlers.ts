import { invalidExport } from "../errors/http-errors.js";
import { socketWithoutHandler } from "../errors/socket-errors.js";
import type { Hook, UserFunction } from "../http/prepared-route.js";
import type { SocketFunction, UserModule } from "../lambda/functions.js";
import type { SocketHandler } from "./socket-event.js";

/** What the project has to say about its socket. */
export type SocketHandlers = {
  handle: SocketHandler;
  authenticate: Hook | null;
  onConnect: Hook | null;
  onOnline: Hook | null;
  onOffline: Hook | null;
};

/**
 * Loads the modules of the socket.
 *
 * @throws QueueRunError `QR_NOT_A_HANDLER`, `QR_INVALID_EXPORT`; what loading throws
 */
export async function loadSocketHandlers({
  file,
  middleware,
  load,
}: Pick<SocketFunction, "file" | "middleware" | "load">): Promise<SocketHandlers> {
  const module = await load(file);
  const { default: handle } = module;
  if (typeof handle !== "function") throw socketWithoutHandler();
  const layers: [file: string, module: UserModule][] = [[file, module]];
  if (middleware !== null) layers.push([middleware, await load(middleware)]);
  return {
    handle: handle as SocketHandler,
    authenticate: hookOf("authenticate", layers),
    onConnect: hookOf("onConnect", layers),
    onOnline: hookOf("onOnline", layers),
    onOffline: hookOf("onOffline", layers),
  };
}

/** The socket's own file decides, then its middleware; null turns a hook off. */
function hookOf(name: string, layers: [file: string, module: UserModule][]): Hook | null {
  for (const [file, module] of layers) {
    const exported = module[name];
    if (exported === undefined) continue;
    if (exported === null) return null;
    if (typeof exported !== "function") throw invalidExport(file, name, "a function or null");
    return { file, run: exported as UserFunction };
  }
  return null;
}
