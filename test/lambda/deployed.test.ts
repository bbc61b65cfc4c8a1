import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DeployedProject, deployProject } from "../harness/deployed-project.js";
import { motoMissing } from "../harness/moto.js";
import { waitFor } from "../harness/wait-for.js";

const missing = motoMissing();
if (missing) console.log(`Deployed code is not run: ${missing}`);

const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  ".env": "FROM_FILE=secret-of-the-file\n",
  "api/orders.ts": `
    import { queue } from "#queues/orders.js";
    export const get = () => ({ stage: process.env.QUEUE_RUN_STAGE, flag: process.env.FROM_FLAG, file: process.env.FROM_FILE ?? null });
    export const post = queue.http;`,
  "queues/orders.ts": `
    import { queues } from "queue-run";
    export const queue = queues.self<{ id: number }>();
    export default queue.handler(async ({ id }) => {
      console.log("order", id);
      await queues("receipts.fifo").group("all").push({ id });
    });`,
  "queues/receipts.fifo.ts": `export default ({ id }: { id: number }) => console.log("receipt", id, process.env.FROM_FLAG);`,
};

describe.skipIf(missing)("a project that the command line deployed", () => {
  let deployed: DeployedProject;
  beforeAll(async () => {
    deployed = await deployProject(FILES, ["-e", "FROM_FLAG=secret-of-the-flag"]);
  }, 180_000);
  afterAll(() => deployed?.stop());

  it("takes a request at its function URL, whose job pushes another: both run", async () => {
    const { url, standIn } = deployed;
    const answer = await fetch(`${url}/orders`);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { stage: "test", flag: "secret-of-the-flag", file: null },
    ]);
    const pushed = await fetch(`${url}/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: 7 }),
    });
    expect(pushed.status).toBe(202);
    const jobId = pushed.headers.get("x-job-id");
    const logged = (functionName: string, text: string) =>
      waitFor(`${text} in ${JSON.stringify(standIn.failures())}`, () =>
        standIn.logs(functionName).find(({ message }) => String(message).includes(text)),
      );
    expect(await logged("shop-test-queue-orders", "order 7")).toMatchObject({ queueName: "orders", jobId });
    await logged("shop-test-queue-receipts-fifo", "receipt 7 secret-of-the-flag");
    expect(standIn.failures()).toEqual([]);
  });

  it("has no value of a variable in its code", async () => {
    const { aws } = deployed;
    const lambda = new LambdaClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    lambda.destroy();
    expect(Functions).toHaveLength(3);
    for (const { CodeSha256 = "" } of Functions) {
      const files = unzipSync(aws.zipOf(CodeSha256) ?? new Uint8Array());
      for (const [name, bytes] of Object.entries(files)) {
        expect(name).toMatch(/^[^/]+\.mjs(?:\.map)?$/);
        expect(Buffer.from(bytes).toString("latin1")).not.toMatch(/secret-of/);
      }
    }
  });
});
