import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import type { InvokeOptions, RuntimeAnswer } from "../lambda-runtime-api.js";
import type { Aws } from "../moto-proxy.js";
import { createRicInstance, type RicInstance, ricMissing } from "../ric.js";

/** The functions that are deployed at moto: instances of each version, started when they are needed. */
export type DeployedFunctions = {
  /**
   * @param functionArn - with its alias; an alias is looked up for each invocation
   * @throws what Lambda would say: no such function, the process ended, time is up
   */
  invoke: (functionArn: string, event: unknown, options?: Partial<InvokeOptions>) => Promise<RuntimeAnswer>;
  /** As it is now behind a name and an alias. */
  configurationOf: (functionArn: string) => Promise<FunctionConfiguration>;
  logs: (functionName: string) => Record<string, unknown>[];
  stop: () => void;
};

type Pooled = { instance: RicInstance; functionName: string; isBusy: boolean };

export function createDeployedFunctions(aws: Aws): DeployedFunctions {
  const lambda = new LambdaClient({
    endpoint: aws.motoEndpoint,
    region: aws.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const pools = new Map<string, Pooled[]>();
  const runtime = ricMissing() === null ? "ric" : "plain";

  const configurationOf = (functionArn: string) => {
    const [FunctionName = "", Qualifier] = functionArn
      .split(":")
      .slice(functionArn.startsWith("arn:") ? 6 : 0);
    return lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
  };

  function take(configuration: FunctionConfiguration): Pooled {
    const {
      FunctionName = "",
      Version = "",
      CodeSha256 = "",
      Handler = "",
      Timeout = 3,
      Environment,
    } = configuration;
    // A version never changes; of what is not published, code and settings tell what it is.
    const key = `${FunctionName}:${Version}:${CodeSha256}:${JSON.stringify(Environment)}`;
    const pool = pools.get(key) ?? [];
    pools.set(key, pool);
    const idle = pool.find(({ isBusy }) => !isBusy);
    if (idle) return Object.assign(idle, { isBusy: true });
    const zip = aws.zipOf(CodeSha256);
    if (!zip) throw new Error(`Nothing was uploaded with the hash of ${FunctionName}, version ${Version}`);
    const instance = createRicInstance({
      zip,
      runtime,
      handler: Handler,
      functionName: FunctionName,
      version: Version,
      timeoutMs: Timeout * 1_000,
      env: { ...Environment?.Variables, AWS_ENDPOINT_URL: aws.motoEndpoint },
    });
    const pooled = { instance, functionName: FunctionName, isBusy: true };
    pool.push(pooled);
    return pooled;
  }

  return {
    configurationOf,
    async invoke(functionArn, event, options) {
      const pooled = take(await configurationOf(functionArn));
      try {
        return await pooled.instance.invoke(event, { functionArn, ...options });
      } finally {
        pooled.isBusy = false;
      }
    },
    logs: (functionName) =>
      [...pools.values()].flatMap((pool) =>
        pool
          .filter((each) => each.functionName === functionName)
          .flatMap(({ instance }) => instance.jsonLogs()),
      ),
    stop() {
      for (const pool of pools.values()) for (const { instance } of pool) instance.stop();
      lambda.destroy();
    },
  };
}
