import { expect, test } from "vitest";
import { acceptingPolicy, isRefusing, refusingPolicy } from "./draining-policy.js";

const ARN = "arn:aws:sqs:eu-west-1:123456789012:shop-prod-emails";
const OWN = { Version: "2012-10-17", Id: "mine", Statement: [{ Sid: "s3", Effect: "Allow" }] };

test.each([undefined, "", JSON.stringify(OWN), JSON.stringify({ ...OWN, Statement: OWN.Statement[0] })])(
  "a queue with the policy %s refuses messages, and then takes them as it did",
  (policy) => {
    expect(isRefusing(policy)).toBe(false);
    const refusing = refusingPolicy(policy, ARN);
    expect(isRefusing(refusing)).toBe(true);
    expect(JSON.parse(refusing).Statement).toContainEqual(
      expect.objectContaining({ Effect: "Deny", Principal: "*", Action: "sqs:SendMessage", Resource: ARN }),
    );
    expect(refusingPolicy(refusing, ARN)).toBe(refusing);
    const accepting = acceptingPolicy(refusing);
    expect(isRefusing(accepting)).toBe(false);
    expect(accepting === "" ? "" : JSON.parse(accepting)).toEqual(policy ? OWN : "");
    expect(acceptingPolicy(accepting)).toBe(accepting);
  },
);
