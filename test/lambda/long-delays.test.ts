import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  ListSchedulesCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { SendMessageCommand, type SendMessageCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DeployedProject, deployProject } from "../harness/deployed-project.js";
import { motoMissing } from "../harness/moto.js";
import { waitFor } from "../harness/wait-for.js";

const missing = motoMissing();
if (missing) console.log(`Deployed code that delays jobs for long is not run: ${missing}`);

const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "queues/orders.fifo.ts": `
    import { queues } from "queue-run";
    export const config = { timeout: 5 };
    export const queue = queues.self.fifo<string>();
    export default async (payload: string) => console.log("ran", payload);`,
  "queues/pushes.ts": `
    import { queues } from "queue-run";
    import { queue as orders } from "#queues/orders.fifo.js";
    export const config = { timeout: 5 };
    export const queue = queues.self<{ text: string; delay: string }>();
    export default async ({ text, delay }: { text: string; delay: string }) => {
      console.log("pushed", await orders.group("ann").delay(delay).push(text));
    };`,
  "api/orders.ts": `
    import { queue } from "#queues/pushes.js";
    export const post = queue.http;`,
};

describe.skipIf(missing)("a job that a deployed function delays for long", () => {
  let deployed: DeployedProject;
  let scheduler: SchedulerClient;
  let sqs: SQSClient;

  beforeAll(async () => {
    deployed = await deployProject(FILES);
    const credentials = { accessKeyId: "any", secretAccessKey: "any" };
    const settings = { endpoint: deployed.aws.endpoint, region: "us-east-1", credentials };
    scheduler = new SchedulerClient(settings);
    sqs = new SQSClient(settings);
  }, 180_000);
  afterAll(async () => {
    scheduler?.destroy();
    sqs?.destroy();
    await deployed?.stop();
  });

  /** Has the function push, and finds what it has made of it. */
  async function scheduled(text: string, delay: string): Promise<GetScheduleCommandOutput> {
    const headers = { "content-type": "application/json" };
    await fetch(`${deployed.url}/orders`, { method: "POST", headers, body: JSON.stringify({ text, delay }) });
    const jobId = await waitFor(`${text} to be pushed`, async () => {
      const [line] = deployed.standIn
        .logs("shop-test-queue-pushes")
        .filter(({ message }) => /^pushed/.test(String(message)));
      return line ? String(line.message).split(" ")[1] : null;
    });
    const GroupName = "shop-test-delayed";
    const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ GroupName }));
    const Name = Schedules.map((schedule) => schedule.Name).find((name) => name?.endsWith(String(jobId)));
    return scheduler.send(new GetScheduleCommand({ GroupName, Name }));
  }

  const ran = () =>
    deployed.standIn.logs("shop-test-queue-orders-fifo").map(({ message }) => String(message));

  it("waits in the stage's group, is not run early, and arrives as it was pushed", async () => {
    const text = "né <aws.scheduler.execution-id> 🚀";
    const { Target, ScheduleExpression, ActionAfterCompletion } = await scheduled(text, "4s");
    expect(ScheduleExpression).toMatch(/^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/);
    expect(ActionAfterCompletion).toBe("DELETE");
    expect(Target).toMatchObject({
      Arn: "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
      RoleArn: expect.stringMatching(/:role\/queue-run\/shop\/test\/us-east-1\/shop-test-delayed$/),
      DeadLetterConfig: { Arn: expect.stringMatching(/:shop-test-_undeliverable$/) },
    });
    // As EventBridge Scheduler does it, but at once: up to a minute early, for all that is known of its precision.
    const input = JSON.parse(Target?.Input ?? "") as SendMessageCommandInput;
    await sqs.send(new SendMessageCommand(input));
    await waitFor("the job to run", async () => ran().includes(`ran ${text}`), { deadlineMs: 60_000 });
    const { due } = JSON.parse(input.MessageAttributes?.["queue-run"]?.StringValue ?? "");
    // Clocks of machines differ: a second is not early.
    expect(Date.now()).toBeGreaterThanOrEqual(due - 1_000);
    expect(deployed.standIn.failures()).toEqual([]);
  });
});
