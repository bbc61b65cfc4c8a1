/** A stage's table in a DynamoDB that does not check signatures: moto. */
export type StageTable = {
  name: string;
  /** Every item, as DynamoDB writes values. */
  items: () => Promise<Record<string, object>[]>;
  clear: () => Promise<void>;
};

/** Makes an empty table, with the keys that deploying gives a stage's. */
export async function createStageTable(endpoint: string, name: string): Promise<StageTable> {
  async function call(operation: string, input: object): Promise<Record<string, unknown>> {
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        authorization: "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/dynamodb/aws4_request",
      },
      body: JSON.stringify(input),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Record<string, unknown>;
  }
  await call("CreateTable", {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: ["pk", "sk"].map((key) => ({ AttributeName: key, AttributeType: "S" })),
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
  });
  const items = async () => (await call("Scan", { TableName: name })).Items as Record<string, object>[];
  return {
    name,
    items,
    async clear() {
      for (const { pk, sk } of await items()) await call("DeleteItem", { TableName: name, Key: { pk, sk } });
    },
  };
}
