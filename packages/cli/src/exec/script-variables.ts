import type { ScriptEnvironment } from "@queue-run/runtime/instance";
import { readEnvFile } from "../dev/environment.js";
import { credentialChain } from "../start/start-environment.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a script: where its project is, the shell's, and in development what `.env` has, as handlers see
 * it there. Its AWS credentials and its NODE_ENV are its own.
 */
export function scriptVariables(
  project: ScriptEnvironment,
  { root, shell, isDevelopment }: { root: string; shell: Environment; isDevelopment: boolean },
): Environment {
  const { QUEUE_RUN_SQS_ENDPOINT: _, ...inherited } = shell;
  return {
    ...(isDevelopment && readEnvFile(root)),
    ...inherited,
    ...project,
    QUEUE_RUN_CREDENTIAL_CHAIN: credentialChain(),
  };
}
