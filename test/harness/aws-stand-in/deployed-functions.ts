import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { type ExecutionRole, startExecutionRole } from "../execution-role.js";
import { socketUrlAt } from "../iam/requests-of-code.js";
import type { InvokeOptions, RuntimeAnswer } from "../lambda-runtime-api.js";
import type { Aws } from "../moto-proxy.js";
import { createRicInstance, type RicInstance, ricMissing } from "../ric.js";

/**
 * The functions that are deployed at moto: instances of each version, started when they are needed. What they ask of AWS
 * is judged by their roles.
 */
export type DeployedFunctions = {
  /**
   * @param functionArn - with its alias; an alias is looked up for each invocation
   * @throws what Lambda would say: no such function, the process ended, time is up
   */
  invoke: (functionArn: string, event: unknown, options?: Partial<InvokeOptions>) => Promise<RuntimeAnswer>;
  /** As it is now behind a name and an alias. */
  configurationOf: (functionArn: string) => Promise<FunctionConfiguration>;
  /** As a function has it now. */
  roleOf: (functionArn: string) => Promise<ExecutionRole>;
  /** What was denied to whom. */
  denied: () => string[];
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

  const roles = new Map<string, Promise<ExecutionRole>>();
  const started: ExecutionRole[] = [];
  const roleNamed = (arn: string): Promise<ExecutionRole> => {
    const name = arn.slice(arn.lastIndexOf("/") + 1);
    const role =
      roles.get(name) ??
      startExecutionRole(aws, name).then((each) => {
        started.push(each);
        return each;
      });
    roles.set(name, role);
    return role;
  };

  function take(configuration: FunctionConfiguration, role: ExecutionRole): Pooled {
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
    const socketUrl = Environment?.Variables?.QUEUE_RUN_SOCKET_URL;
    const instance = createRicInstance({
      zip,
      runtime,
      handler: Handler,
      functionName: FunctionName,
      version: Version,
      timeoutMs: Timeout * 1_000,
      env: {
        ...Environment?.Variables,
        ...(socketUrl && { QUEUE_RUN_SOCKET_URL: socketUrlAt(role.endpoint, socketUrl) }),
        AWS_ENDPOINT_URL: role.endpoint,
      },
    });
    const pooled = { instance, functionName: FunctionName, isBusy: true };
    pool.push(pooled);
    return pooled;
  }

  return {
    configurationOf,
    roleOf: async (functionArn) => roleNamed((await configurationOf(functionArn)).Role ?? ""),
    denied: () => started.flatMap((role) => role.denied()),
    async invoke(functionArn, event, options) {
      const configuration = await configurationOf(functionArn);
      const pooled = take(configuration, await roleNamed(configuration.Role ?? ""));
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
      for (const role of started) role.stop();
      lambda.destroy();
    },
  };
}
