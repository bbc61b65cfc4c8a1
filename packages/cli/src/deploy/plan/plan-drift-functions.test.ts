import { describe, test } from "vitest";
import {
  A,
  both,
  checkDrift,
  type Drift,
  mapping,
  Q,
  S,
  SHOP,
  set,
  there,
  without,
} from "../testing/drift.js";
import { testDesired } from "../testing/test-project.js";

const REPUBLISHED = [
  `code update-configuration ${Q}`,
  `code publish-version ${Q}`,
  `switch update-alias ${Q}`,
];

const DRIFTS: Drift[] = [
  [
    "$LATEST alone: nothing serves from it",
    SHOP,
    (s) => set(there(s.functions.get(Q)).latest, { environment: {} }),
    [],
  ],
  [
    "code in hexadecimal",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { codeSha256: Buffer.from(v.codeSha256, "base64").toString("hex") })),
    [],
  ],
  [
    "code",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { codeSha256: "other" })),
    [`code update-code ${Q}`, `code publish-version ${Q}`, `switch update-alias ${Q}`],
  ],
  ["runtime", SHOP, (s) => both(s, Q, (v) => set(v.configuration, { runtime: "nodejs22.x" })), REPUBLISHED],
  ["handler", SHOP, (s) => both(s, Q, (v) => set(v.configuration, { handler: "x.y" })), REPUBLISHED],
  ["memory", SHOP, (s) => both(s, Q, (v) => set(v.configuration, { memoryMegabytes: 128 })), REPUBLISHED],
  ["timeout", SHOP, (s) => both(s, Q, (v) => set(v.configuration, { timeoutSeconds: 3 })), REPUBLISHED],
  [
    "network",
    SHOP,
    (s) => both(s, Q, (v) => set(v.configuration, { vpc: { subnetIds: ["a"], securityGroupIds: ["b"] } })),
    REPUBLISHED,
  ],
  ["role", SHOP, (s) => both(s, Q, (v) => set(v, { roleArn: "arn:other" })), REPUBLISHED],
  ["log format", SHOP, (s) => both(s, Q, (v) => set(v, { logFormat: "Text" })), REPUBLISHED],
  ["log level", SHOP, (s) => both(s, Q, (v) => set(v, { logFormat: "JSON from INFO" })), REPUBLISHED],
  ["log group", SHOP, (s) => both(s, Q, (v) => set(v, { logGroup: null })), REPUBLISHED],
  [
    "a variable more",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { environment: { ...v.environment, X: "1" } })),
    REPUBLISHED,
  ],
  [
    "a variable's value",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { environment: { ...v.environment, NODE_ENV: "test" } })),
    REPUBLISHED,
  ],
  [
    "the address",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { environment: without(v.environment, "QUEUE_RUN_URL") })),
    REPUBLISHED,
  ],
  [
    "an alias that somebody moved",
    { ...SHOP, code: { "queue:emails": "2" } },
    (s) => {
      const found = there(s.functions.get(Q));
      found.versions.push({ ...there(found.versions[0]), version: "2", codeSha256: "other" });
      found.live = "2";
    },
    [`code publish-version ${Q}`, `switch update-alias ${Q}`],
  ],
  [
    "an alias that is gone",
    SHOP,
    (s) => set(there(s.functions.get(Q)), { live: null }),
    [`code publish-version ${Q}`, `switch create-alias ${Q}`],
  ],
  [
    "an alias that gives a part of its calls to another version",
    SHOP,
    (s) => set(there(s.functions.get(Q)), { sharesCalls: true }),
    [`switch update-alias ${Q}`],
  ],
  [
    "recursion",
    SHOP,
    (s) => set(there(s.functions.get(Q)), { recursiveLoop: "Terminate" }),
    [`code allow-recursion ${Q}`],
  ],
  [
    "recursion of the API",
    SHOP,
    (s) => set(there(s.functions.get(A)), { recursiveLoop: "Allow" }),
    [`code allow-recursion ${A}`],
  ],
  [
    "retries",
    SHOP,
    (s) => set(there(s.functions.get(S)), { asyncInvocation: null }),
    [`switch set-async-invocation ${S}`],
  ],
  [
    "retries of a queue's function",
    SHOP,
    (s) =>
      set(there(s.functions.get(Q)), {
        asyncInvocation: {
          maximumRetryAttempts: 1,
          maximumEventAgeSeconds: 60,
        },
      }),
    [`switch set-async-invocation ${Q}`],
  ],
  [
    "a tag of a function",
    SHOP,
    (s) => set(there(s.functions.get(Q)), { tags: { ...there(s.functions.get(Q)).tags, x: "y" } }),
    [`code tag-function ${Q}`],
  ],
  ["a mapping that is gone", SHOP, (s) => set(s, { mappings: [] }), [`switch create-mapping ${Q}`]],
  [
    "a mapping that is going",
    SHOP,
    (s) => set(mapping(s), { state: "Deleting" }),
    [`switch create-mapping ${Q}`],
  ],
  [
    "a mapping that is off",
    SHOP,
    (s) => set(mapping(s), { state: "Disabled" }),
    [`switch update-mapping ${Q}`],
  ],
  ["a mapping that is busy", SHOP, (s) => set(mapping(s), { state: "Updating" }), []],
  ["batch size", SHOP, (s) => set(mapping(s), { batchSize: 1 }), [`switch update-mapping ${Q}`]],
  ["batch window", SHOP, (s) => set(mapping(s), { batchWindowSeconds: 7 }), [`switch update-mapping ${Q}`]],
  ["concurrency", SHOP, (s) => set(mapping(s), { maximumConcurrency: 7 }), [`switch update-mapping ${Q}`]],
  [
    "whole batches fail",
    SHOP,
    (s) => set(mapping(s), { reportsBatchItemFailures: false }),
    [`switch update-mapping ${Q}`],
  ],
  [
    "a mapping on $LATEST",
    SHOP,
    (s) =>
      set(mapping(s), {
        functionArn: there(testDesired(SHOP).functions.find(({ id }) => id === "queue:emails")).arn,
      }),
    [`switch update-mapping ${Q}`],
  ],
];

describe("what others changed is found, and mended, when everything is read", () => {
  test.each(DRIFTS)("%s", (...drift) => checkDrift(drift));
});
