import { expect, test } from "vitest";
import {
  newTrace,
  parseTraceparent,
  parseXRayHeader,
  toTraceparent,
  toXRayHeader,
  traceOfMessageId,
} from "./trace.js";

const traceId = "5759e988bd862e3fe1be46a994272793";
const spanId = "53995c3f42cd8ad8";

test("a traceparent survives being read and written", () => {
  const header = `00-${traceId}-${spanId}-01`;
  expect(parseTraceparent(header)).toEqual({ traceId, spanId, sampled: true });
  expect(toTraceparent({ traceId, spanId, sampled: true })).toBe(header);
  expect(parseTraceparent(`00-${traceId}-${spanId}-00`)?.sampled).toBe(false);
});

test("a later version is read as far as it is known, and what is not a traceparent is refused", () => {
  expect(parseTraceparent(`cc-${traceId}-${spanId}-01-what-comes-next`)?.traceId).toBe(traceId);
  for (const header of [
    undefined,
    null,
    "",
    "abc",
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${"0".repeat(32)}-${spanId}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
  ])
    expect(parseTraceparent(header), String(header)).toBeNull();
});

test("an X-Ray header survives being read and written", () => {
  const header = `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${spanId};Sampled=1`;
  expect(parseXRayHeader(header)).toEqual({ traceId, spanId, sampled: true });
  expect(toXRayHeader({ traceId, spanId, sampled: true })).toBe(header);
});

test("an X-Ray header may lack a parent, carry more fields, and say that it is not sampled", () => {
  const trace = parseXRayHeader(
    "Self=1-67891234-12456789abcdef012345678;Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
  );
  expect(trace).toMatchObject({ traceId, sampled: false });
  expect(trace?.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(parseXRayHeader("Sampled=1")).toBeNull();
  expect(parseXRayHeader(undefined)).toBeNull();
});

test("new traces are valid, and each is another", () => {
  const traces = Array.from({ length: 500 }, newTrace);
  for (const trace of traces) expect(parseTraceparent(toTraceparent(trace))).toEqual(trace);
  expect(new Set(traces.flatMap(({ traceId, spanId }) => [traceId, spanId])).size).toBe(1_000);
});

test("a message that nothing traced sent has one trace, whatever its id looks like", () => {
  const trace = traceOfMessageId("0d2e7c1f-5a44-4a6e-9a5b-1b7b33f0a1c2");
  expect(trace.traceId).toBe("0d2e7c1f5a444a6e9a5b1b7b33f0a1c2");
  expect(parseTraceparent(toTraceparent(trace))).toEqual(trace);
  for (const id of ["m1", "", "00000000-0000-0000-0000-000000000001"]) {
    const other = traceOfMessageId(id);
    expect(parseTraceparent(toTraceparent(other)), id).toEqual(other);
  }
});

test("a tracestate is kept as it is, and one that no vendor could have sent is dropped", () => {
  const header = `00-${traceId}-${spanId}-01`;
  expect(parseTraceparent(header, "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7")).toMatchObject({
    state: "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7",
  });
  for (const state of ["", "no list", "a=\u0001", `a=${"b".repeat(511)}`, null, undefined])
    expect(parseTraceparent(header, state), String(state)).toEqual({ traceId, spanId, sampled: true });
});
