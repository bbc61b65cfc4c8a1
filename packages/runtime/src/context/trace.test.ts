import { expect, test } from "vitest";
import {
  childSpan,
  newTrace,
  parseTraceparent,
  parseXRayHeader,
  toTraceparent,
  toXRayHeader,
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

test("a new trace is valid, and a child keeps its trace under a span of its own", () => {
  const trace = newTrace();
  expect(parseTraceparent(toTraceparent(trace))).toEqual(trace);
  const child = childSpan(trace);
  expect(child.traceId).toBe(trace.traceId);
  expect(child.spanId).not.toBe(trace.spanId);
});
