import { AwsError } from "./aws-error.js";

/** What requests are signed with. */
export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** Put together, so that no bundler takes the SDK's 400 KB along: on Lambda the keys are always in the environment. */
const PROVIDER_CHAIN = ["@aws-sdk", "credential-provider-node"].join("/");
/** Names the chain's module by URL: `start` and `exec` bring one that need not be among the project's own packages. */
const PROVIDER_CHAIN_VARIABLE = "QUEUE_RUN_CREDENTIAL_CHAIN";

type ProviderChain = { defaultProvider(): () => Promise<AwsCredentials> };

let chain: Promise<() => Promise<AwsCredentials>> | null = null;

/**
 * The credentials of the process: Lambda's environment, read anew for each call since keys rotate; elsewhere the SDK's
 * standard provider chain (profiles, SSO, containers, instances), loaded only then.
 *
 * @throws AwsError `CredentialsProviderError` when there are none
 */
export async function processCredentials(env: NodeJS.ProcessEnv = process.env): Promise<AwsCredentials> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY) {
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN || undefined,
    };
  }
  chain ??= loadProviderChain(env[PROVIDER_CHAIN_VARIABLE] || PROVIDER_CHAIN);
  try {
    return await (await chain)();
  } catch (cause) {
    chain = null;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AwsError({ name: "CredentialsProviderError", message, cause });
  }
}

async function loadProviderChain(module: string): Promise<() => Promise<AwsCredentials>> {
  try {
    const { defaultProvider } = (await import(module)) as ProviderChain;
    return defaultProvider();
  } catch (cause) {
    throw new Error(
      `There are no AWS keys in the environment, and ${PROVIDER_CHAIN} is not installed. ` +
        `Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run \`npm install ${PROVIDER_CHAIN}\``,
      { cause },
    );
  }
}
