import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AnswerReader, type HttpAnswer } from "./answer-reader.js";

/** Reads bytes in pieces cut at these places, and the connection's end after them. */
function read(text: string, cuts: number[] = []) {
  const bytes = Buffer.from(text, "utf8");
  const reader = new AnswerReader();
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let answer: HttpAnswer | null = null;
  let from = 0;
  for (const to of [...places, bytes.length]) {
    answer = reader.add(bytes.subarray(from, to)) ?? answer;
    from = to;
  }
  const staysOpen = reader.leavesConnectionOpen;
  return { answer: answer ?? reader.end(), staysOpen };
}

const lines = (...head: string[]) => `${head.join("\r\n")}\r\n\r\n`;
const chunked = (body: string, extension = "", trailer = "") =>
  `${[...body].map((part) => `${Buffer.byteLength(part).toString(16).toUpperCase()}${extension}\r\n${part}\r\n`).join("")}0\r\n${trailer}\r\n`;

describe("an answer is read however it is framed and cut", () => {
  const body = '{"né":"🚀"}';
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const framings: Record<string, { text: string; staysOpen: boolean }> = {
    "with a length": { text: lines("HTTP/1.1 200 OK", "X-Id: 1", length) + body, staysOpen: true },
    "with the same length twice": {
      text: lines("HTTP/1.1 200 OK", "X-Id:1", length, length) + body,
      staysOpen: true,
    },
    "without a reason": { text: lines("HTTP/1.1 200 ", "x-id: 1 ", length) + body, staysOpen: true },
    "in chunks": {
      text: lines("HTTP/1.1 200 OK", "x-id: 1", "Transfer-Encoding: Chunked") + chunked(body),
      staysOpen: true,
    },
    "in chunks with extensions and a trailer": {
      text:
        lines("HTTP/1.1 200 OK", "x-id: 1", "transfer-encoding: chunked", "Content-Length: 3") +
        chunked(body, " ;a=b", "x-sum: 1\r\n"),
      staysOpen: true,
    },
    "after an interim answer": {
      text: lines("HTTP/1.1 100 Continue") + lines("HTTP/1.1 200 OK", "x-id: 1", length) + body,
      staysOpen: true,
    },
    "to the connection's end": { text: lines("HTTP/1.1 200 OK", "x-id: 1") + body, staysOpen: false },
    "in HTTP/1.0": { text: lines("HTTP/1.0 200 OK", "x-id: 1", length) + body, staysOpen: false },
    "and the connection is to be closed": {
      text: lines("HTTP/1.1 200 OK", "x-id: 1", "Connection: Close", length) + body,
      staysOpen: false,
    },
    "with more behind it": {
      text: `${lines("HTTP/1.1 200 OK", "x-id: 1", length) + body}HTTP/1.1 200 OK`,
      staysOpen: false,
    },
  };

  test.each(Object.entries(framings))("%s", (_, { text, staysOpen }) => {
    const bytes = Buffer.byteLength(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes), { maxLength: bytes }), (cuts) => {
        const result = read(text, cuts);
        expect(result.answer).toMatchObject({ status: 200, body });
        expect(result.answer?.headers["x-id"]).toBe("1");
        expect(result.staysOpen).toBe(staysOpen);
      }),
      { numRuns: 200 },
    );
  });

  test.each([204, 304])("%i has no body", (status) => {
    expect(read(lines(`HTTP/1.1 ${status} x`, "content-length: 5"))).toMatchObject({
      answer: { status, body: "" },
      staysOpen: true,
    });
  });

  test("a header that comes twice is joined, and __proto__ is a name", () => {
    const { answer } = read(lines("HTTP/1.1 204 x", "a: 1", "A: 2", "__proto__: 3"));
    expect(answer?.headers.a).toBe("1, 2");
    expect(Object.entries(answer?.headers ?? {})).toContainEqual(["__proto__", "3"]);
  });
});

test("an answer that broke off is none", () => {
  expect(read(`${lines("HTTP/1.1 200 OK", "content-length: 5")}half`).answer).toBeNull();
  expect(read(`${lines("HTTP/1.1 200 OK", "transfer-encoding: chunked")}5\r\nhalf`).answer).toBeNull();
  expect(read("HTTP/1.1 200 OK\r\n").answer).toBeNull();
});

test.each([
  ["another protocol", "SSH-2.0-OpenSSH_9.9\r\n\r\n"],
  ["a header without a name", lines("HTTP/1.1 200 OK", ": 1")],
  ["a length that is none", lines("HTTP/1.1 200 OK", "content-length: -1")],
  ["two lengths", lines("HTTP/1.1 200 OK", "content-length: 1", "content-length: 2")],
  ["a chunk without a size", `${lines("HTTP/1.1 200 OK", "transfer-encoding: chunked")}x\r\n`],
  ["a chunk of another size", `${lines("HTTP/1.1 200 OK", "transfer-encoding: chunked")}1\r\nab\r\n`],
  ["a head without an end", "x".repeat(20_000)],
])("%s is refused", (_, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ name: "InvalidAnswer" }));
});
