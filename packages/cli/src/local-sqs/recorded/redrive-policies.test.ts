import { expect, it } from "vitest";
import { describeEachWire } from "./each-wire.js";

describeEachWire("redrive policies", (use) => {
  it("are given back, and removed by setting nothing", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q");
    const target = server.arnOf(await server.createQueue("dead"));
    const set = (RedrivePolicy: string) =>
      server.call("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy } });
    const policy = async () => {
      const names = { QueueUrl, AttributeNames: ["RedrivePolicy"] };
      return (await server.call("GetQueueAttributes", names)).Attributes?.RedrivePolicy;
    };
    await set("");
    expect(await policy()).toBeUndefined();
    await set(JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: "42" }));
    expect(JSON.parse((await policy()) ?? "")).toEqual({
      deadLetterTargetArn: target,
      maxReceiveCount: 42,
    });
    await set("");
    expect(await policy()).toBeUndefined();
  });

  it("are refused unless they name a queue of the same type and a count from 1 to 1000", async () => {
    const { createQueue, arnOf, refusal } = use();
    const QueueUrl = await createQueue("q");
    const deadLetterTargetArn = arnOf(await createQueue("dead"));
    const cases: [policy: unknown, reason: string][] = [
      ["no map", "Redrive policy is not a valid JSON map."],
      [{ deadLetterTargetArn }, "Redrive policy does not contain mandatory attribute: maxReceiveCount."],
      [{ maxReceiveCount: 1 }, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."],
      [{ deadLetterTargetArn: "dummy", maxReceiveCount: 42 }, "Invalid value for deadLetterTargetArn."],
      [
        { deadLetterTargetArn: `${deadLetterTargetArn}-2`, maxReceiveCount: 1 },
        "Dead letter target does not exist.",
      ],
      [
        { deadLetterTargetArn: arnOf(await createQueue("dead.fifo")), maxReceiveCount: 1 },
        "Dead-letter queue must be same type of queue as the source.",
      ],
      ...["invalid", 0, 1001, 1.5].map((count): [unknown, string] => [
        { deadLetterTargetArn, maxReceiveCount: count },
        `Invalid value for maxReceiveCount: ${count}, valid values are from 1 to 1000 both inclusive.`,
      ]),
    ];
    for (const [policy, reason] of cases) {
      const RedrivePolicy = JSON.stringify(policy);
      const refused = {
        code: "InvalidParameterValue",
        message: `Value ${RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
        status: 400,
      };
      expect(await refusal("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy } })).toEqual(
        refused,
      );
      expect(await refusal("CreateQueue", { QueueName: "new", Attributes: { RedrivePolicy } })).toEqual(
        refused,
      );
    }
  });

  it("are refused by a dead-letter queue that does not allow the source", async () => {
    const { createQueue, arnOf, call, refusal } = use();
    const dead = await createQueue("dead");
    const QueueUrl = await createQueue("q");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 1 });
    const point = { QueueUrl, Attributes: { RedrivePolicy } };
    const allow = (policy: unknown) => ({
      QueueUrl: dead,
      Attributes: { RedriveAllowPolicy: JSON.stringify(policy) },
    });
    await call("SetQueueAttributes", allow({ redrivePermission: "denyAll" }));
    expect(await refusal("SetQueueAttributes", point)).toMatchObject({ code: "InvalidParameterValue" });
    await call(
      "SetQueueAttributes",
      allow({ redrivePermission: "byQueue", sourceQueueArns: [arnOf(QueueUrl)] }),
    );
    await call("SetQueueAttributes", point);
    for (const policy of [[], {}, { redrivePermission: "byQueue" }, { redrivePermission: "perhaps" }]) {
      expect(await refusal("SetQueueAttributes", allow(policy))).toMatchObject({
        code: "InvalidParameterValue",
      });
    }
  });
});
