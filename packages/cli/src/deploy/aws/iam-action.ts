/** Commands whose IAM action has another name. Service Authorization Reference. */
const RENAMED: Readonly<Record<string, string>> = {
  "sqs:SendMessageBatch": "sqs:SendMessage",
  "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
  "lambda:Invoke": "lambda:InvokeFunction",
};

/** API Gateway's actions are HTTP's methods. Service Authorization Reference, "Amazon API Gateway Management V2". */
const API_GATEWAY_METHODS: readonly [RegExp, string][] = [
  [/^Get/, "GET"],
  [/^(Create|Import)/, "POST"],
  [/^(Update|Reimport)/, "PATCH"],
  [/^(Delete|Reset)/, "DELETE"],
  [/^Tag/, "POST"],
  [/^Untag/, "DELETE"],
];

/**
 * @param service - the prefix of IAM's actions: "lambda"
 * @param command - the SDK's: "CreateFunctionCommand"
 * @returns the action that a policy must allow: "lambda:CreateFunction"
 */
export function iamActionOf(service: string, command: string): string {
  const operation = command.replace(/Command$/, "");
  if (service === "apigateway")
    return `apigateway:${API_GATEWAY_METHODS.find(([pattern]) => pattern.test(operation))?.[1] ?? operation}`;
  return RENAMED[`${service}:${operation}`] ?? `${service}:${operation}`;
}
