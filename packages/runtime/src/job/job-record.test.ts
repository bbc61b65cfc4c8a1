import { expect, test } from "vitest";
import { defaultQueueSettings } from "../config/queue-config.js";
import { FAILURE_ATTRIBUTE } from "./dead-letter-failure.js";
import { toJobRecord } from "./job-record.js";
import { type MessageSketch, sqsRecord } from "./testing/sqs-event.js";

const fn = { name: "test", fifo: false, settings: defaultQueueSettings(false), load: async () => ({}) };

/** What a dead letter says, and a message that was moved back from the dead-letter queue by AWS's own means. */
const failed = (jobId: string, redrives?: number) => ({
  [FAILURE_ATTRIBUTE]: {
    dataType: "String",
    stringValue: JSON.stringify({ jobId, redrives, error: { name: "Error", message: "no" } }),
    stringListValues: [],
    binaryListValues: [],
  },
});

test.each<[string, MessageSketch, { jobId: string; redrives: number }]>([
  ["never failed", { id: "m" }, { jobId: "m", redrives: 0 }],
  ["was retried by us", { id: "m", envelope: { jobId: "j", redrives: 2 } }, { jobId: "j", redrives: 2 }],
  ["was moved back by AWS", { id: "m2", attributes: failed("j", 0) }, { jobId: "j", redrives: 1 }],
  [
    "was retried by us, and then moved back by AWS",
    { id: "m2", envelope: { jobId: "j", redrives: 1 }, attributes: failed("j", 1) },
    { jobId: "j", redrives: 2 },
  ],
  [
    "was moved back by AWS three times",
    { id: "m4", envelope: { jobId: "j" }, attributes: failed("j", 2) },
    { jobId: "j", redrives: 3 },
  ],
  [
    "is somebody else's, and was moved back by AWS",
    { id: "m2", body: "plain", attributes: failed("m1", 0) },
    { jobId: "m1", redrives: 1 },
  ],
  ["failed in an older version", { id: "m", attributes: failed("j") }, { jobId: "j", redrives: 1 }],
])("a message that %s", (_, sketch, expected) => {
  expect(toJobRecord(sqsRecord(sketch), fn, false)).toMatchObject(expected);
});

test("an attribute that tells of no failure is not believed", () => {
  for (const stringValue of ["", "{", "null", "[]", '{"jobId":7}', '{"jobId":"j"}']) {
    const attributes = { [FAILURE_ATTRIBUTE]: { ...failed("x")[FAILURE_ATTRIBUTE], stringValue } };
    const record = toJobRecord(sqsRecord({ id: "m", attributes } as MessageSketch), fn, false);
    expect(record).toMatchObject({ jobId: "m", redrives: 0 });
  }
});
