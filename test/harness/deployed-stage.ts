import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetAliasCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Aws } from "./moto-proxy.js";

/** A stage as AWS has it, seen past the proxy: what is asked here is neither counted nor failed. */
export type DeployedStage = {
  /** The version that the alias `live` of each function points at, by the rest of the function's name. */
  live: () => Promise<Record<string, string>>;
  /** Ends the lease of a deploy that died, as 60 seconds do. Where there is none, nothing happens. */
  endLease: () => Promise<void>;
  /** Makes a queue that is not the stage's, with a name in its range. */
  makeForeignQueue: (name: string) => Promise<void>;
};

/** @param prefix - "PROJECT-STAGE" */
export function deployedStage({ motoEndpoint, region }: Aws, prefix: string): DeployedStage {
  const settings = {
    endpoint: motoEndpoint,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const lambda = new LambdaClient(settings);
  return {
    async live() {
      const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
      const names = Functions.map(({ FunctionName = "" }) => FunctionName).filter((name) =>
        name.startsWith(`${prefix}-`),
      );
      const entries = names.sort().map(async (FunctionName) => {
        const alias = await lambda
          .send(new GetAliasCommand({ FunctionName, Name: "live" }))
          .catch(() => null);
        return [FunctionName.slice(prefix.length + 1), alias?.FunctionVersion ?? "none"] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    },
    async endLease() {
      const command = new UpdateItemCommand({
        TableName: prefix,
        Key: { pk: { S: "deploy" }, sk: { S: "lease" } },
        UpdateExpression: "SET endsAtMs = :past",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":past": { N: "1" } },
      });
      await new DynamoDBClient(settings).send(command).catch((error: Error) => {
        if (!["ResourceNotFoundException", "ConditionalCheckFailedException"].includes(error.name))
          throw error;
      });
    },
    async makeForeignQueue(name) {
      await new SQSClient(settings).send(new CreateQueueCommand({ QueueName: `${prefix}-${name}` }));
    },
  };
}
