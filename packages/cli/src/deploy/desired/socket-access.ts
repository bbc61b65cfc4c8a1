import type { IamStatement } from "@queue-run/runtime/config";
import type { StageScope } from "./desired-state.js";
import type { ItemAccess } from "./item-access.js";

/** Stands in policies for the id of the socket's API, which AWS chooses when it is made. */
const API_ID = "{socket-api-id}";

/** What sending, closing and asking who is online do with the items of connections and users. */
export const CONNECTION_ACCESS: ItemAccess = {
  actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
  keys: ["connection#*", "user#*"],
  operator: "StringLike",
};

/** Sending to connections and closing them. API Gateway Developer Guide, "Control access with IAM: @connections". */
export function connectionsStatement({ partition, region, account, stage }: StageScope): IamStatement {
  const api = `arn:${partition}:execute-api:${region}:${account}:${API_ID}/${stage}`;
  return {
    Effect: "Allow",
    Action: ["execute-api:ManageConnections"],
    Resource: ["DELETE", "POST"].map((method) => `${api}/${method}/@connections/*`),
  };
}

/**
 * @param socketUrl - null: not known yet, and what stands for it stays
 * @returns the statements as they are on AWS
 */
export function withSocketApi(statements: readonly IamStatement[], socketUrl: string | null): IamStatement[] {
  if (socketUrl === null) return [...statements];
  const id = new URL(socketUrl).hostname.split(".")[0] ?? "";
  const named = (arn: string) => arn.replace(API_ID, id);
  return statements.map(({ Resource, ...rest }) => ({
    ...rest,
    Resource: Array.isArray(Resource) ? Resource.map(named) : named(Resource),
  }));
}

/** Whether statements name the socket's API. */
export function namesSocketApi(statements: readonly IamStatement[]): boolean {
  return statements.some(({ Resource }) => [Resource].flat().some((arn) => arn.includes(API_ID)));
}
