import { expect, it } from "vitest";
import { readHeaders } from "./request-headers.js";

it("picks the headers whatever their case, the first of each", () => {
  const raw = ["HOST", "localhost:1", "x-Amz-tarGet", "AmazonSQS.ListQueues", "host", "evil.example"];
  expect(readHeaders([...raw, "Origin", "null", "ACCEPT", "*/*", "X-Amzn-Trace-Id", "Root=1"])).toEqual({
    host: "localhost:1",
    target: "AmazonSQS.ListQueues",
    origin: "null",
    accept: "*/*",
    trace: "Root=1",
  });
});

it("leaves out what is not there", () => {
  expect(readHeaders(["Content-Length", "4", "cookie", "a=b", "Via", "x"])).toEqual({
    host: undefined,
    origin: undefined,
    target: undefined,
    trace: undefined,
    accept: undefined,
  });
});
