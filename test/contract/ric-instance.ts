import type { SQSBatchResponse } from "aws-lambda";
import { createRicInstance } from "../harness/ric.js";
import type { LambdaInstance } from "./lambda-instance.js";

/** An instance of a packaged function under AWS's own runtime client. */
export function startRicInstance(zip: Uint8Array, env: Record<string, string>): LambdaInstance {
  const instance = createRicInstance({ zip, env });
  return {
    async invoke(event, timeoutSeconds) {
      const { ok, body } = await instance.invoke(event, { timeoutMs: timeoutSeconds * 1_000 });
      if (!ok) throw new Error(body.toString("utf8"));
      return JSON.parse(body.toString("utf8")) as SQSBatchResponse;
    },
    stop: instance.stop,
  };
}
