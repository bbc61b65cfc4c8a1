import { describe, expect, it } from "vitest";
import { toInput } from "./query-input.js";

const inputOf = (query: string) => toInput(new URLSearchParams(query));

describe("toInput", () => {
  it("reads members, numbers and numbered lists in order", () => {
    expect(
      inputOf(
        "Action=ReceiveMessage&MaxNumberOfMessages=3&AttributeName.2=SentTimestamp&AttributeName.1=SenderId",
      ),
    ).toEqual({
      Action: "ReceiveMessage",
      MaxNumberOfMessages: 3,
      AttributeNames: ["SenderId", "SentTimestamp"],
    });
  });

  it("takes the tenth item after the ninth", () => {
    const query = Array.from({ length: 10 }, (_, index) => `TagKey.${index + 1}=k${index + 1}`).toReversed();
    expect(inputOf(query.join("&"))).toEqual({
      TagKeys: Array.from({ length: 10 }, (_, index) => `k${index + 1}`),
    });
  });

  it("takes a list of one without its number", () => {
    expect(inputOf("AttributeName=All&Attribute.Name=DelaySeconds&Attribute.Value=5")).toEqual({
      AttributeNames: ["All"],
      Attributes: { DelaySeconds: "5" },
    });
  });

  it("reads maps as pairs, an attribute's value as a structure", () => {
    expect(
      inputOf(
        "Tag.1.Key=a.b&Tag.1.Value=&MessageAttribute.1.Name=n.1&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=v",
      ),
    ).toEqual({
      Tags: { "a.b": "" },
      MessageAttributes: { "n.1": { DataType: "String", StringValue: "v" } },
    });
  });

  it("reads entries of a batch, with their own maps", () => {
    expect(
      inputOf(
        "SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x%20y&SendMessageBatchRequestEntry.1.DelaySeconds=4&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageAttribute.1.Name=n&SendMessageBatchRequestEntry.2.MessageAttribute.1.Value.DataType=Number",
      ),
    ).toEqual({
      Entries: [
        { Id: "a", MessageBody: "x y", DelaySeconds: 4 },
        { Id: "b", MessageAttributes: { n: { DataType: "Number" } } },
      ],
    });
  });

  it("keeps what looks like a prototype an ordinary member", () => {
    const input = inputOf("__proto__.polluted=1&Tag.1.Key=__proto__&Tag.1.Value=x");
    expect(Object.getPrototypeOf(input)).toBeNull();
    expect(Object.keys(input.Tags ?? {})).toEqual(["__proto__"]);
    expect({}).not.toHaveProperty("polluted");
  });

  it("refuses a number that is none", () => {
    expect(() => inputOf("DelaySeconds=soon")).toThrow("Value soon for parameter DelaySeconds is invalid.");
  });
});
