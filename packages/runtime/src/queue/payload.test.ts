import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMessageText } from "./message-text.js";
import { decodePayload, encodePayload } from "./payload.js";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);

/** Also lone surrogates and what SQS refuses. */
const anyText = fc.string({
  minLength: 1,
  unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)),
});

describe("a payload", () => {
  test("arrives as it was sent, in a body that SQS takes, whatever it is", () => {
    console.log(`payload: SEED=${seed}`);
    const json = fc.jsonValue({ stringUnit: "binary" }).filter((value) => value !== "");
    const payloads = fc.oneof(
      json,
      anyText,
      fc.json(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.record({ deep: anyText }),
    );
    fc.assert(
      fc.property(payloads, (payload) => {
        const { body, kind } = encodePayload(payload, "q");
        expect(body.length).toBeGreaterThan(0);
        expect(isMessageText(body)).toBe(true);
        const asJson = payload instanceof Buffer ? payload : JSON.parse(JSON.stringify(payload));
        expect(decodePayload(body, kind)).toEqual(asJson);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  test("of a Uint8Array is its own part of the memory behind it", () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const { body, kind } = encodePayload(view, "q");
    expect(decodePayload(body, kind)).toEqual(Buffer.from([2, 3]));
  });

  test("with a toJSON travels as what that gives", () => {
    const date = new Date("2027-01-01T00:00:00Z");
    expect(encodePayload({ date, url: new URL("http://a/b") }, "q").body).toBe(
      '{"date":"2027-01-01T00:00:00.000Z","url":"http://a/b"}',
    );
    expect(() => encodePayload({ x: { toJSON: () => 1n } }, "q")).toThrow(/payload.x .* a bigint/);
  });

  test("may have one object in two places, and members that are undefined", () => {
    const shared = { a: 1 };
    expect(encodePayload({ x: shared, y: [shared], z: undefined }, "q").body).toBe(
      '{"x":{"a":1},"y":[{"a":1}]}',
    );
  });
});

describe("a message that somebody else sent", () => {
  test.each([
    ['{"Records":[]}', { Records: [] }],
    [" \n[1]", [1]],
    ["{not json", "{not json"],
    ["42", "42"],
    ['"text"', '"text"'],
    ["hello", "hello"],
  ])("%j is read as %j", (body, payload) => {
    expect(decodePayload(body, null)).toEqual(payload);
  });
});
