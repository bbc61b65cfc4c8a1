import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Clock } from "../../packages/cli/src/clock/clock.js";
import { readStageItems } from "../../packages/cli/src/deploy/actual/stage-items.js";
import { takeLease } from "../../packages/cli/src/deploy/apply/lease.js";
import { writeStageState } from "../../packages/cli/src/deploy/apply/stage-state.js";
import { makeTable } from "../../packages/cli/src/deploy/apply/table-operations.js";
import { connect } from "../../packages/cli/src/deploy/aws/connect.js";
import { deployedStage } from "../harness/deployed-stage.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { waitFor } from "../harness/wait-for.js";

const missing = motoMissing();
if (missing) console.log(`The lease of a stage is not tried: ${missing}.`);

/** How much faster than real a deployer's time goes. */
const SPEED = 20;

/** A clock that starts where it is told, and is fast. */
function fastClock(startMs: number): Clock {
  const realStartMs = Date.now();
  const now = () => startMs + (Date.now() - realStartMs) * SPEED;
  return {
    now,
    at(atMs, callback) {
      const timer = setTimeout(callback, Math.max(0, atMs - now()) / SPEED);
      return () => clearTimeout(timer);
    },
  };
}

const DENIED = { code: "AccessDeniedException", message: "Not now.", status: 403 };

describe.skipIf(missing !== null)("the lease of a stage", () => {
  let aws: Aws;
  let stages = 0;

  beforeAll(async () => {
    aws = await startAws();
    for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await aws?.stop();
  });

  /** A table of its own; each deployer has a clock of its own, which may be wrong. */
  async function newStage() {
    stages += 1;
    const stage = `stage${stages}`;
    const table = `shop-${stage}`;
    const deployer = async (clock: Clock) => connect({ region: null, env: aws.env, clock });
    const maker = await connect({ region: null, env: aws.env });
    const scope = { project: "shop", stage, account: aws.account, partition: "aws", region: aws.region };
    const tags = { "queue-run:project": "shop", "queue-run:stage": stage };
    await makeTable(maker, { name: table, tags }, scope, new AbortController().signal);
    return { table, maker, deployer, endLease: deployedStage(aws, table).endLease };
  }

  test("is had by one, who is named to the others, and given back", async () => {
    const { table, maker } = await newStage();
    const first = await takeLease(maker, table, "ada on laptop");
    await expect(takeLease(maker, table, "bob on laptop")).rejects.toMatchObject({
      code: "QR_DEPLOY_IN_PROGRESS",
      message: expect.stringMatching(/by ada on laptop, since \d{4}-\d\d-\d\dT/),
    });
    await first.release();
    const second = await takeLease(maker, table, "bob on laptop");
    expect(second.generation).toBe(first.generation + 1);
    await second.release();
  });

  test("of many who want it at once, one has it", async () => {
    const { table, maker } = await newStage();
    const wanted = Array.from({ length: 8 }, (_, at) => takeLease(maker, table, `deployer ${at}`));
    const outcomes = await Promise.allSettled(wanted);
    const had = outcomes.filter(({ status }) => status === "fulfilled");
    expect(had).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === "fulfilled") await outcome.value.release();
  });

  test("is ours when the answer that says so was lost", async () => {
    const { table, maker } = await newStage();
    aws.failAt(1, "lose-answer", { match: "dynamodb:PutItem" });
    const lease = await takeLease(maker, table, "ada");
    await lease.release();
  });

  test("is renewed while it is held, by AWS's clock whatever ours says", async () => {
    const { table, maker, deployer } = await newStage();
    const clock = fastClock(Date.UTC(1999, 0, 1));
    const lease = await takeLease(await deployer(clock), table, "ada");
    const end = async () => (await readStageItems(maker, table)).lease?.endsAtMs ?? 0;
    const taken = await end();
    expect(taken - Date.now()).toBeGreaterThan(55_000);
    expect(taken - Date.now()).toBeLessThan(65_000);
    await waitFor("renewals for longer than a lease", async () => (await end()) > taken + 75_000);
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
  });

  test("is lost when it could not be renewed, before anybody else can have it", async () => {
    const { table, deployer } = await newStage();
    const clock = fastClock(Date.now());
    const startMs = clock.now();
    const lease = await takeLease(await deployer(clock), table, "ada");
    aws.failAt(1, DENIED, { match: "dynamodb:UpdateItem", times: Number.POSITIVE_INFINITY });
    await waitFor("the lease to be lost", () => lease.lost.aborted);
    aws.clearFaults();
    expect(lease.lost.reason).toMatchObject({ code: "QR_DEPLOY_LEASE_LOST" });
    expect(clock.now() - startMs).toBeLessThan(60_000);
  });

  test("when another has it, what the one before writes late is refused", async () => {
    const { table, maker, deployer, endLease } = await newStage();
    const clock = fastClock(Date.now());
    const slow = await takeLease(await deployer(clock), table, "ada");
    await endLease();
    const second = await takeLease(maker, table, "bob");
    const state = { recorded: { table: "b" }, live: {}, url: null, socketUrl: null };
    await writeStageState(maker, table, state, second.generation);
    const late = writeStageState(maker, table, { ...state, recorded: { table: "a" } }, slow.generation);
    await expect(late).rejects.toMatchObject({ code: "QR_DEPLOY_LEASE_LOST" });
    await waitFor("the loss to be noticed", () => slow.lost.aborted);
    await slow.release();
    const items = await readStageItems(maker, table);
    expect([items.lease?.who, items.recorded]).toEqual(["bob", { table: "b" }]);
    expect(items.lease?.endsAtMs).toBeGreaterThan(Date.now());
    await second.release();
  });
});
