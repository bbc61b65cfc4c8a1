import { expect, test } from "vitest";
import { letPromisesRun } from "./testing/fake-clock.js";
import { call, never, push } from "./testing/running-call.js";
import type { Verdict } from "./verdict.js";

const errorOf = (verdict: Verdict | undefined) => (verdict && "error" in verdict ? verdict.error : undefined);

test("a result waits for what the handler pushed, awaited or not", async () => {
  const pushes: ReturnType<typeof push>[] = [];
  const { verdicts } = call(() => void pushes.push(push(), push()));
  let isSettled = false;
  void verdicts.then(() => {
    isSettled = true;
  });
  pushes[0]?.resolve();
  await letPromisesRun();
  expect(isSettled).toBe(false);
  pushes[1]?.resolve();
  expect(await verdicts).toEqual([{ kind: "done" }]);
});

test("a push that failed and that nobody awaited fails its handler", async () => {
  const error = new Error("refused");
  const { verdicts } = call(() => push().reject(error));
  expect(await verdicts).toEqual([{ kind: "retry", error, delaySeconds: null }]);
});

test("a handler that failed is judged by its own error, and its pushes are sent all the same", async () => {
  const error = new Error("own");
  const pushes: ReturnType<typeof push>[] = [];
  const { verdicts } = call(() => {
    pushes.push(push());
    throw error;
  });
  let isSettled = false;
  void verdicts.then(() => {
    isSettled = true;
  });
  await letPromisesRun();
  expect(isSettled).toBe(false);
  pushes[0]?.reject(new Error("refused"));
  expect(errorOf((await verdicts)[0])).toBe(error);
});

test("ack() counts when what was pushed before it is sent", async () => {
  const before: ReturnType<typeof push>[] = [];
  const sent = call(([job]) => {
    before.push(push());
    job?.ack();
    return letPromisesRun();
  });
  await letPromisesRun();
  expect(sent.onAcked).not.toHaveBeenCalled();
  before[0]?.resolve();
  expect(await sent.verdicts).toMatchObject([{ kind: "done" }]);
  expect(sent.onAcked).toHaveBeenCalledOnce();

  const error = new Error("refused");
  const refused = call(([job]) => {
    push().reject(error);
    job?.ack();
  });
  expect(await refused.verdicts).toMatchObject([{ kind: "retry", error }]);
  expect(refused.onAcked).not.toHaveBeenCalled();
});

test("a push that fails after ack() changes nothing", async () => {
  const { verdicts, lateErrors } = call(async ([job]) => {
    job?.ack();
    await letPromisesRun();
    push().reject(new Error("refused"));
  });
  expect(await verdicts).toMatchObject([{ kind: "done" }]);
  expect(lateErrors).toHaveLength(1);
});

test("when time is up, pushes under way get a last moment, and then no more", async () => {
  const stuck = call(() => {
    push();
    return never();
  });
  await stuck.clock.advance(60_000);
  await stuck.clock.advance(2_000);
  expect(await stuck.verdicts).toMatchObject([{ error: { code: "QR_JOB_TIMEOUT" } }]);
});

test("a push after the handler has ended, or its time is up, is refused", async () => {
  const ended = call(() => {});
  await ended.verdicts;
  expect(() => ended.scopes[0]?.pushes.add(Promise.resolve(), () => true)).toThrow(/QR_HANDLER_ENDED|ended/);
  const late = call(never);
  await late.clock.advance(60_000);
  await late.verdicts;
  expect(() => late.scopes[0]?.pushes.add(Promise.resolve(), () => true)).toThrow(/ended/);
});

test("progress() on a queue that keeps no records rejects, and fails a handler that does not look", async () => {
  const looks = call(async ([job]) => {
    await expect(job?.progress(0.5)).rejects.toMatchObject({ code: "QR_NOT_TRACKED" });
  });
  expect(await looks.verdicts).toEqual([{ kind: "done" }]);
  const ignores = call(([job]) => {
    void job?.progress(0.5);
  });
  expect(await ignores.verdicts).toMatchObject([{ kind: "retry", error: { code: "QR_NOT_TRACKED" } }]);
});
