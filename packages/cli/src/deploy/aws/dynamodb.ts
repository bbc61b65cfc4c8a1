import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { defineService } from "./service.js";

/** Amazon DynamoDB. */
export const dynamodb = defineService({
  service: "dynamodb",
  callsPerSecond: 50,
  create: (settings) => new DynamoDBClient(settings),
});
