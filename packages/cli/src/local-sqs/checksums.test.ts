import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { md5OfAttributes, md5OfBody } from "./checksums.js";

describe("md5OfBody", () => {
  it("is AWS's for its own recorded bodies", () => {
    expect(md5OfBody("message")).toBe("78e731027d8fd50ed642340b7c9a63b3");
    expect(md5OfBody("test message")).toBe(createHash("md5").update("test message").digest("hex"));
  });

  it("counts UTF-8 bytes", () => {
    expect(md5OfBody("žluťoučký 🐎")).toBe(
      createHash("md5").update(Buffer.from("žluťoučký 🐎", "utf8")).digest("hex"),
    );
  });
});

describe("md5OfAttributes", () => {
  const string = (stringValue: string, dataType = "String") => ({ dataType, stringValue });

  it.each([
    ["one string", { Foo: string("Bar") }, "ae7155c6026991b6d54b11589678bf9c"],
    ["another", { MyAttribute: string("foobar") }, "adb59cd4678ea5a855436b949cd07ab6"],
    ["one letter", { k: string("x") }, "a45daa70926828a2f0a1db3418e6feb4"],
    ["a number", { timestamp: string("1493147359900", "Number") }, "235c5c510d26fb653d073faed50ae77c"],
    [
      "several, whatever their order",
      { "Help.Me": string("Me"), Hello: string("There"), General: string("Kenobi") },
      "4c360f3fdafd970e05fae2f149d997f5",
    ],
    [
      "bytes",
      {
        attr1: {
          dataType: "Binary",
          binaryValue: Buffer.from("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"),
        },
      },
      "8cbe4db156db8a94db8b801b7addb984",
    ],
    [
      "the trace header",
      {
        AWSTraceHeader: string("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"),
      },
      "5ae4d5d7636402d80f4eb6d213245a88",
    ],
  ])("is AWS's for %s", (_, attributes, md5) => {
    expect(md5OfAttributes(attributes)).toBe(md5);
  });

  it("covers the data type's suffix", () => {
    expect(md5OfAttributes({ a: string("1", "Number.int") })).not.toBe(
      md5OfAttributes({ a: string("1", "Number") }),
    );
  });
});
