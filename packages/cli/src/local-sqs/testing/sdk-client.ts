import * as sqs from "@aws-sdk/client-sqs";
import { type Answer, Refused, refusalOf, type WireClient } from "./wire-client.js";

type AnyCommand = new (input: Record<string, unknown>) => Parameters<sqs.SQSClient["send"]>[0];

// The SDK's advice about Node's version is not for the tests' output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** AWS's own SDK: the JSON protocol, checksums verified, no retries. */
export function createSdkClient(endpoint: string): WireClient {
  const client = new sqs.SQSClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  const commands = new Map(Object.entries(sqs).filter(([name]) => name.endsWith("Command")));

  async function call(action: string, input: Record<string, unknown>): Promise<Answer> {
    const Command = commands.get(`${action}Command`) as AnyCommand | undefined;
    if (Command === undefined) throw new Error(`The SDK has no action ${action}`);
    try {
      const { $metadata, ...answer } = await client.send(new Command(input));
      return answer as Answer;
    } catch (error) {
      if (!(error instanceof sqs.SQSServiceException)) throw error;
      const code = "Code" in error && typeof error.Code === "string" ? error.Code : error.name;
      throw new Refused({ code, message: error.message, status: error.$metadata.httpStatusCode ?? 0 });
    }
  }

  return { call, refusal: (action, input) => refusalOf(call(action, input)), close: () => client.destroy() };
}
