import type { AwsService } from "./call-service.js";
import { type AwsCredentials, processCredentials } from "./credentials.js";
import { createHttpTransport, type HttpTransport } from "./http-transport.js";
import { createRetryQuota, SYSTEM_CLOCK } from "./retry.js";
import { createSigner, type SignRequest } from "./signer.js";

export type ServiceOptions = {
  /** "sqs": what requests are signed for. */
  service: string;
  region: string;
  endpoint: string;
  /** Default: those of the process. */
  credentials?: AwsCredentials | undefined;
  /** Carries the requests, unsigned, in place of HTTP: to a service in this very process. */
  transport?: HttpTransport | undefined;
  maxAttempts: number;
  /** Tests bring their own. */
  clock?: AwsService["clock"] | undefined;
};

/** Connections to one service, signatures for it, and what its retries share. */
export function connectService(options: ServiceOptions): AwsService {
  const { transport, maxAttempts, clock = SYSTEM_CLOCK } = options;
  return {
    ...(transport ? { transport, sign: leaveUnsigned } : overHttp(options)),
    quota: createRetryQuota(),
    clock,
    maxAttempts,
    clockOffsetMs: 0,
  };
}

function overHttp({
  endpoint: url,
  region,
  service,
  credentials,
}: ServiceOptions): Pick<AwsService, "transport" | "sign"> {
  const endpoint = new URL(url);
  if (!endpoint.pathname.endsWith("/")) endpoint.pathname += "/";
  return {
    transport: createHttpTransport(endpoint),
    sign: createSigner({
      endpoint,
      region,
      service,
      credentials: credentials ? async () => credentials : () => processCredentials(),
    }),
  };
}

const leaveUnsigned: SignRequest = async (headers) => ({ ...headers });
