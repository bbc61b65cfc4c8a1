import { describe, expect, test } from "vitest";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { fingerprints } from "./fingerprint.js";

const SHOP: TestProject = {
  queues: { emails: {}, orders: {} },
  routes: { "/": {} },
  schedules: { nightly: {} },
  socket: {},
  parameter: { API_KEY: "s3cr3t-value" },
};
const URL = "https://shop.example";
const at = (url: string, socketUrl: string | null = null) => ({ url, socketUrl });

function changedUnits(project: TestProject, url = URL): string[] {
  const before = fingerprints(testDesired(SHOP), at(URL));
  const after = fingerprints(testDesired(project), at(url));
  return Object.keys({ ...before, ...after }).filter((unit) => before[unit] !== after[unit]);
}

test("each unit has a hash, the same for the same project", () => {
  expect(Object.keys(fingerprints(testDesired(SHOP), at(URL)))).toEqual([
    "table",
    "queue:emails",
    "queue:orders",
    "function:queue:emails",
    "function:queue:orders",
    "function:schedule:nightly",
    "function:api",
    "function:socket",
    "socket",
    "endpoint",
    "scheduling",
    "delays",
  ]);
  expect(changedUnits(structuredClone(SHOP))).toEqual([]);
});

describe("only what is to be another has another hash", () => {
  const FUNCTIONS = [
    "function:queue:emails",
    "function:queue:orders",
    "function:schedule:nightly",
    "function:api",
    "function:socket",
  ];
  test.each<[string, TestProject, string[]]>([
    ["code", { ...SHOP, code: { api: "2" } }, ["function:api"]],
    [
      "a timeout",
      { ...SHOP, queues: { ...SHOP.queues, emails: { timeoutSeconds: 5 } } },
      ["queue:emails", "function:queue:emails"],
    ],
    [
      "a retention",
      { ...SHOP, queues: { ...SHOP.queues, emails: { retentionSeconds: 60 } } },
      ["queue:emails"],
    ],
    ["a value of a variable", { ...SHOP, parameter: { API_KEY: "other" } }, FUNCTIONS],
    ["a schedule's time", { ...SHOP, schedules: { nightly: { when: "0 1 * * *" } } }, ["scheduling"]],
    ["the kind of endpoint", { ...SHOP, settings: { http: "api-gateway" } }, ["function:api", "endpoint"]],
  ])("%s", (_, project, units) => {
    expect(changedUnits(project)).toEqual(units);
  });

  test("the address is in those functions that have it", () => {
    expect(changedUnits(SHOP, "https://other.example")).toEqual(FUNCTIONS);
    const before = fingerprints(testDesired(SHOP), at(URL, "https://a.example/prod"));
    const after = fingerprints(testDesired(SHOP), at(URL, "https://b.example/prod"));
    expect(Object.keys(before).filter((unit) => before[unit] !== after[unit])).toEqual(FUNCTIONS);
  });
});

test("values of variables cannot be read from it", () => {
  expect(JSON.stringify(fingerprints(testDesired(SHOP), at(URL)))).not.toContain("s3cr3t");
});
