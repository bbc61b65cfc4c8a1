import type { AnswerHead, PortableError } from "../worker/protocol.js";

/** How an invocation ended. */
export type Outcome =
  /** The handler returned: a queue's batch response; null for HTTP, whose answer has been sent. */
  | { kind: "returned"; value: unknown }
  /**
   * The entry point threw: the function's code cannot be loaded, for instance. `told`: the runtime has told of it, and
   * has said when the messages come back.
   */
  | { kind: "failed"; error: PortableError; told: boolean }
  /** The worker ended before the handler did. */
  | { kind: "died"; cause: DeathCause };

export type DeathCause =
  | { kind: "exit"; exitCode: number }
  | { kind: "out-of-memory"; memoryMegabytes: number }
  | { kind: "uncaught"; type: "uncaughtException" | "unhandledRejection"; error: PortableError }
  /** The function's time was up, and it had not ended by itself. */
  | { kind: "deadline"; timeoutSeconds: number }
  /** The server is stopping. */
  | { kind: "stopped" };

/** Takes an HTTP answer as it comes. */
export type AnswerSink = {
  answered(head: AnswerHead, body: string | Uint8Array | null): void;
  head(head: AnswerHead): void;
  /** Returns a promise while the client is slower than the handler. */
  chunk(bytes: Uint8Array): Promise<void> | undefined;
  end(): void;
};

/**
 * One sentence on why a worker ended early, for people.
 *
 * @returns without a full stop
 */
export function describeDeath(cause: DeathCause): string {
  switch (cause.kind) {
    case "exit":
      return `the handler ended its process (exit code ${cause.exitCode})`;
    case "out-of-memory":
      return `the handler ran out of memory (${cause.memoryMegabytes} MB)`;
    case "uncaught":
      return cause.type === "uncaughtException"
        ? `an error that nothing caught ended the process: ${cause.error.message}`
        : `a rejected promise that nothing handled ended the process: ${cause.error.message}`;
    case "deadline":
      return `the function's time was up after ${cause.timeoutSeconds} s, and the handler was still running`;
    case "stopped":
      return "the server is stopping";
  }
}
