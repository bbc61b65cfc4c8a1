import type { UserModule } from "@queue-run/runtime/lambda/queue";
import type { SocketApiAnswer, SocketApiEvent } from "@queue-run/runtime/lambda/socket";
import type { LambdaContext } from "./lambda-context.js";
import type { WorkerFunction } from "./protocol.js";

/**
 * Runs the socket's function.
 *
 * @param loadFile - loads a source file's module
 * @throws what loading the code threw
 */
export function socketInvoker(
  { file, middleware, settings, index }: Extract<WorkerFunction, { kind: "socket" }>,
  loadFile: (file: string) => Promise<UserModule>,
): (event: SocketApiEvent, context: LambdaContext) => Promise<SocketApiAnswer> {
  // Most workers never serve a socket.
  const handler = import("@queue-run/runtime/lambda/socket").then(({ createSocketHandler }) =>
    createSocketHandler({
      file,
      middleware,
      settings,
      load: loadFile,
      ...(index !== null && { loadIndex: () => loadFile(index) }),
    }),
  );
  return async (event, context) => (await handler)(event, context);
}
