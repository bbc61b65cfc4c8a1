import { describe, expect, it } from "vitest";
import { batchFailures } from "./batch-response.js";

const ids = new Set(["a", "b"]);

describe("a function's answer to a batch", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty object", {}],
    ["a null list", { batchItemFailures: null }],
    ["an empty list", { batchItemFailures: [] }],
  ])("that is %s is a success", (_, response) => {
    expect(batchFailures(response, ids)).toEqual({ kind: "some", messageIds: new Set() });
  });

  it("names the messages that failed", () => {
    const response = { batchItemFailures: [{ itemIdentifier: "b" }, { itemIdentifier: "b" }] };
    expect(batchFailures(response, ids)).toEqual({ kind: "some", messageIds: new Set(["b"]) });
  });

  it.each([
    ["text", "done"],
    ["with a list that is none", { batchItemFailures: "a" }],
    ["with the wrong key", { batchItemFailures: [{ foo: "a" }] }],
    ["with an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["with a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["with an unknown message", { batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "c" }] }],
    ["with a null item", { batchItemFailures: [null] }],
  ])("that is %s fails the whole batch", (_, response) => {
    expect(batchFailures(response, ids).kind).toBe("all");
  });
});
