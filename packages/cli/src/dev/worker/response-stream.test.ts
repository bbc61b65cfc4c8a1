import { expect, it } from "vitest";
import type { FromWorker } from "./protocol.js";
import { awslambda, ResponseStream, STREAM_WINDOW_BYTES } from "./response-stream.js";

const head = { statusCode: 201, headers: { "content-type": "text/plain" }, cookies: ["a=1"] };
const turn = () => new Promise((resolve) => setImmediate(resolve));

function open(): { stream: ResponseStream; posted: FromWorker[] } {
  const posted: FromWorker[] = [];
  const stream = new ResponseStream(7, (message) => posted.push(message));
  return { stream: awslambda.HttpResponseStream.from(stream, head), posted };
}

it("gives an answer that is written and ended in one turn as a whole, once", async () => {
  const { stream, posted } = open();
  stream.write("hello");
  stream.end();
  expect(stream.takeAnswer()).toEqual({ head, body: "hello" });
  expect(stream.takeAnswer()).toBeNull();
  await turn();
  expect(posted).toEqual([]);
});

it("posts such an answer by itself when its handler goes on", async () => {
  const { stream, posted } = open();
  stream.end(Buffer.from("hello"));
  await turn();
  expect(posted).toEqual([
    { type: "answered", id: 7, answer: { head, body: new Uint8Array(Buffer.from("hello")) } },
  ]);
});

it("answers without a body", () => {
  const { stream } = open();
  stream.write("");
  stream.end();
  expect(stream.takeAnswer()?.body ?? "").toHaveLength(0);
});

it("posts head, pieces and end of an answer that takes its time", async () => {
  const { stream, posted } = open();
  stream.write("");
  await turn();
  expect(posted).toEqual([{ type: "head", id: 7, head }]);
  stream.write("one");
  stream.write(Buffer.from("two"));
  stream.end("three");
  await turn();
  const bytes = posted.flatMap((message) => (message.type === "chunk" ? [...message.bytes] : []));
  expect(Buffer.from(bytes).toString()).toBe("onetwothree");
  expect(posted.at(-1)).toEqual({ type: "end", id: 7 });
});

it("holds back what the client has not taken", async () => {
  const { stream, posted } = open();
  const chunks = () => posted.filter(({ type }) => type === "chunk").length;
  stream.write(Buffer.alloc(STREAM_WINDOW_BYTES));
  stream.write(Buffer.alloc(10));
  stream.write(Buffer.alloc(10));
  await turn();
  expect(chunks()).toBe(1);
  stream.resume();
  await turn();
  expect(chunks()).toBe(3);
});
