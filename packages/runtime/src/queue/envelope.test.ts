import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeEnvelope, defaultEnvelope, type Envelope, encodeEnvelope } from "./envelope.js";
import { isMessageText } from "./message-text.js";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
const text = fc.string({ minLength: 1, unit: "binary" });
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length - 1}}1$`));
const envelopes: fc.Arbitrary<Envelope> = fc.record({
  payloadKind: fc.constantFrom("json", "text", "bytes"),
  job: text,
  jobId: orNull(text),
  userId: orNull(text),
  params: fc.dictionary(text, fc.oneof(text, fc.constant(""), fc.array(text)), { noNullPrototype: true }),
  trace: orNull(fc.record({ traceId: hex(32), spanId: hex(16), sampled: fc.boolean() })),
  hops: fc.nat(),
  retries: orNull(fc.nat({ max: 90 })),
  backoff: orNull(fc.constantFrom("exponential", "linear", "none")),
  backoffDelaySeconds: orNull(fc.nat()),
  tag: orNull(text),
  dueAt: orNull(fc.nat()),
  redrives: fc.nat(),
  dedupeId: orNull(text),
});

describe("the envelope", () => {
  test("is nothing but braces for a default job with a JSON payload", () => {
    expect(encodeEnvelope(defaultEnvelope())).toBe("{}");
    expect(decodeEnvelope("{}")).toEqual(defaultEnvelope());
  });

  test("is read as it was written, and SQS takes its characters", () => {
    console.log(`envelope: SEED=${seed}`);
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const written = encodeEnvelope(envelope);
        expect(isMessageText(written)).toBe(true);
        const read = decodeEnvelope(written);
        expect({ ...read, params: Object.entries(read?.params ?? {}) }).toEqual({
          ...envelope,
          params: Object.entries(envelope.params),
        });
      }),
      { seed, numRuns: 1_000 },
    );
  });

  test.each([undefined, null, "", "garbage", "null", "1", '"text"', "[]", '{"kind":'])(
    "is not there in a message with %j: somebody else sent it",
    (value) => {
      expect(decodeEnvelope(value)).toBeNull();
    },
  );

  test("of a newer version, or of anybody, is read as far as it makes sense", () => {
    const value = JSON.stringify({
      kind: "hologram",
      job: 5,
      id: {},
      user: "",
      params: { ok: "1", list: ["a"], bad: 2, mixed: ["a", 1] },
      trace: "nonsense",
      hops: -1,
      retries: 1.5,
      backoff: "wild",
      backoffDelay: "5s",
      tag: [],
      due: null,
      redrives: "2",
      dedupe: 7,
      future: { any: "thing" },
    });
    expect(decodeEnvelope(value)).toEqual({ ...defaultEnvelope(), params: { ok: "1", list: ["a"] } });
  });

  test("has params that no name can turn into a prototype", () => {
    const envelope = decodeEnvelope('{"params":{"__proto__":"x","constructor":"y"}}');
    expect(Object.getPrototypeOf(envelope?.params)).toBeNull();
    expect(Object.keys(envelope?.params ?? {})).toEqual(["__proto__", "constructor"]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});
