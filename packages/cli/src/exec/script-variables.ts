import type { ScriptEnvironment } from "@queue-run/runtime/instance";
import { readEnvFile } from "../dev/environment.js";
import { credentialChain } from "../start/start-environment.js";

/** What a script must not take over from a script that has started it: what is not there has a meaning. */
const OF_ANOTHER_PROJECT = new Set([
  "QUEUE_RUN_SQS_ENDPOINT",
  "QUEUE_RUN_SERVICES_ENDPOINT",
  "QUEUE_RUN_TABLE",
  "QUEUE_RUN_DELAY_GROUP",
  "QUEUE_RUN_DELAY_ROLE",
  "QUEUE_RUN_DELAY_DLQ",
  "QUEUE_RUN_SOCKET_URL",
]);

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a script: where its project is, the shell's, and in development what `.env` has, as handlers see
 * it there. Its AWS credentials and its NODE_ENV are its own.
 */
export function scriptVariables(
  project: ScriptEnvironment,
  { root, shell, isDevelopment }: { root: string; shell: Environment; isDevelopment: boolean },
): Environment {
  const inherited = Object.entries(shell).filter(([name]) => !OF_ANOTHER_PROJECT.has(name));
  return {
    ...(isDevelopment && readEnvFile(root)),
    ...Object.fromEntries(inherited),
    ...project,
    QUEUE_RUN_CREDENTIAL_CHAIN: credentialChain(),
  };
}
