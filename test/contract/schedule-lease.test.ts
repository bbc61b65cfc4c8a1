import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectTable, type TableClient } from "../../packages/runtime/src/aws/table-client.js";
import { leaseInTable } from "../../packages/runtime/src/schedule/lease-in-table.js";
import { motoMissing, startMoto } from "../harness/moto.js";
import { createStageTable, type StageTable } from "../harness/stage-table.js";

const missing = motoMissing();
if (missing) console.log(`Leases in moto's DynamoDB are skipped: ${missing}`);

const TABLE = "shop-prod";

describe.skipIf(missing)("a schedule's lease in the stage's table", () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let table: StageTable;
  let client: TableClient;
  let nowMs = 0;
  const lease = (scheduleName = "daily") =>
    leaseInTable({ client, table: TABLE, scheduleName, now: () => nowMs });

  beforeAll(async () => {
    moto = await startMoto();
    table = await createStageTable(moto.endpoint, TABLE);
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const sqs = { region: "us-east-1", credentials, queueUrlPrefix: `${moto.endpoint}/` };
    client = connectTable({ sqs }, { endpoint: moto.endpoint });
  });

  afterAll(async () => {
    client.close();
    await moto.stop();
  });

  beforeEach(async () => {
    nowMs = Date.UTC(2026, 10, 23);
    await table.clear();
  });

  test("one run has it, until it gives it back; another schedule's is its own", async () => {
    expect(await lease().take("a", nowMs + 60_000)).toBe(true);
    expect(await lease().take("b", nowMs + 60_000)).toBe(false);
    expect(await lease("hourly").take("b", nowMs + 60_000)).toBe(true);
    await lease().giveBack("a");
    expect(await lease().take("b", nowMs + 60_000)).toBe(true);
  });

  test("a run that died has it until its time is up, unless it is tried again", async () => {
    await lease().take("a", nowMs + 60_000);
    expect(await lease().take("a", nowMs + 120_000)).toBe(true);
    nowMs += 120_000;
    expect(await lease().take("b", nowMs + 60_000)).toBe(false);
    nowMs += 1;
    expect(await lease().take("b", nowMs + 60_000)).toBe(true);
  });

  test("whoever was too slow gives nobody else's back", async () => {
    await lease().take("a", nowMs + 1_000);
    nowMs += 2_000;
    await lease().take("b", nowMs + 60_000);
    await lease().giveBack("a");
    expect(await lease().take("c", nowMs + 60_000)).toBe(false);
  });

  test("it is one item of two keys, which DynamoDB removes a day after its end", async () => {
    await lease().take("a", nowMs + 1_500);
    expect(await table.items()).toEqual([
      {
        pk: { S: "schedule#daily" },
        sk: { S: "lease" },
        leaseHolder: { S: "a" },
        leaseUntil: { N: String(nowMs + 1_500) },
        expiresAt: { N: String(nowMs / 1_000 + 2 + 86_400) },
      },
    ]);
  });

  test("what DynamoDB refuses for another reason is told", async () => {
    const elsewhere = leaseInTable({ client, table: "nowhere", scheduleName: "daily", now: () => nowMs });
    await expect(elsewhere.take("a", nowMs)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});
