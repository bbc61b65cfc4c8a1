import { expect, it } from "vitest";
import type { TestServer } from "../testing/start-test-server.js";
import { describeEachWire } from "./each-wire.js";

describeEachWire("tags", (use) => {
  it("are set, overwritten and removed by name", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q");
    const tags = async () => (await call("ListQueueTags", { QueueUrl })).Tags;
    expect(await call("ListQueueTags", { QueueUrl })).toEqual({});
    await call("TagQueue", { QueueUrl, Tags: { tag1: "value1", tag2: "value2", tag3: "" } });
    expect(await tags()).toEqual({ tag1: "value1", tag2: "value2", tag3: "" });
    await call("TagQueue", { QueueUrl, Tags: { tag1: "VALUE1", Tag2: "case" } });
    expect(await tags()).toEqual({ tag1: "VALUE1", tag2: "value2", tag3: "", Tag2: "case" });
    await call("UntagQueue", { QueueUrl, TagKeys: ["tag1", "tag3", "Tag2", "none"] });
    expect(await tags()).toEqual({ tag2: "value2" });
    await call("UntagQueue", { QueueUrl, TagKeys: ["tag2"] });
    expect(await call("ListQueueTags", { QueueUrl })).toEqual({});
  });

  it("are given to a new queue", async () => {
    const { call } = use();
    const tags = { tag1: "value1", tag2: "value2" };
    const { QueueUrl } = await call("CreateQueue", { QueueName: "q", tags });
    expect(await call("ListQueueTags", { QueueUrl })).toEqual({ Tags: tags });
  });
});

describeEachWire("permissions", (use) => {
  const ARN = "arn:aws:sqs:us-east-1:000000000000:q";
  const policyOf = async ({ call }: TestServer, QueueUrl: string) => {
    const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy"] });
    return Attributes?.Policy === undefined ? undefined : (JSON.parse(Attributes.Policy) as unknown);
  };
  const policy = (...statements: [label: string, accounts: string | string[]][]) => ({
    Version: "2008-10-17",
    Id: `${ARN}/SQSDefaultPolicy`,
    Statement: statements.map(([Sid, AWS]) => ({
      Sid,
      Effect: "Allow",
      Principal: { AWS },
      Action: "SQS:ReceiveMessage",
      Resource: ARN,
    })),
  });
  const root = (account: string) => `arn:aws:iam::${account}:root`;

  it("are kept as a policy, one statement to a label", async () => {
    const server = use();
    const { call, refusal } = server;
    const QueueUrl = await server.createQueue("q");
    const permission = (Label: string, ...AWSAccountIds: string[]) => ({
      QueueUrl,
      Label,
      AWSAccountIds,
      Actions: ["ReceiveMessage"],
    });
    expect(await call("AddPermission", permission("one", "111111111111", "668614515564"))).toEqual({});
    const both = [root("111111111111"), root("668614515564")];
    expect(await policyOf(server, QueueUrl)).toEqual(policy(["one", both]));
    expect(await call("RemovePermission", { QueueUrl, Label: "one" })).toEqual({});
    expect(await policyOf(server, QueueUrl)).toBeUndefined();

    await call("AddPermission", permission("one", "111111111111"));
    expect(await policyOf(server, QueueUrl)).toEqual(policy(["one", root("111111111111")]));
    expect(await refusal("AddPermission", permission("one", "668614515564"))).toEqual({
      code: "InvalidParameterValue",
      message: "Value one for parameter Label is invalid. Reason: Already exists.",
      status: 400,
    });
    await call("AddPermission", permission("two", "111111111111"));
    expect(await policyOf(server, QueueUrl)).toEqual(
      policy(["one", root("111111111111")], ["two", root("111111111111")]),
    );
    await call("RemovePermission", { QueueUrl, Label: "one" });
    expect(await policyOf(server, QueueUrl)).toEqual(policy(["two", root("111111111111")]));
    await call("RemovePermission", { QueueUrl, Label: "two" });
    expect(await policyOf(server, QueueUrl)).toBeUndefined();
    expect(await refusal("RemovePermission", { QueueUrl, Label: "two" })).toEqual({
      code: "InvalidParameterValue",
      message: "Value two for parameter Label is invalid. Reason: can't find label.",
      status: 400,
    });
  });

  it("are for actions of SQS's", async () => {
    const { createQueue, refusal } = use();
    const QueueUrl = await createQueue("q");
    const permission = { QueueUrl, Label: "x", AWSAccountIds: ["111111111111"], Actions: ["Fly"] };
    expect(await refusal("AddPermission", permission)).toMatchObject({
      code: "InvalidParameterValue",
      message:
        "Value SQS:Fly for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions. ",
    });
  });
});
