import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const files = {
  "lib/journal.ts": journalSource,
  "queues/greedy.ts": `
    import { queues } from "queue-run";
    export const config = { retries: 0, limits: { pushes: 3 } } as const;
    export default async (pushes: number) => {
      for (let n = 0; n < pushes; n++) await queues("sink").push(n);
    };`,
  "queues/sink.ts": `
    import { note } from "#lib/journal.js";
    export default (payload: unknown) => note("sunk", { payload });`,
  "queues/chain.ts": `
    import { queues } from "queue-run";
    import { note } from "#lib/journal.js";
    export const config = { retries: 0, limits: { hops: 5 } } as const;
    export const queue = queues.self<number>();
    export default async (n: number) => {
      note("hop", { n });
      await queue.push(n + 1);
    };`,
  "queues/few.ts": `
    import { setTimeout as sleep } from "node:timers/promises";
    import { note } from "#lib/journal.js";
    export const config = { concurrency: 2 } as const;
    export default async () => {
      note("begun");
      await sleep(100);
      note("ended");
    };`,
  "queues/picky.ts": `
    import { fatal, type JobMetadata, queues, retryAfter } from "queue-run";
    import { note } from "#lib/journal.js";
    export const config = { retries: 4, backoffDelay: "1h" } as const;
    export const queue = queues.self<string>();
    export default (payload: string, { attempt, maxAttempts }: JobMetadata) => {
      note(payload, { attempt, maxAttempts });
      if (payload === "fatal") throw fatal("never");
      if (payload === "retryAfter" && attempt === 1) throw retryAfter(1);
      if (payload === "own" ) throw new Error("no");
    };`,
  "api/push/[queue].ts": `
    import { queues } from "queue-run";
    export const post = async ({ body, params }) => queues.get(params.queue).pushAll(body.payloads, body.options);`,
};

describe("limits and settings of jobs, in development", () => {
  let project: TemporaryProject;
  let server: DevServer;
  beforeAll(async () => {
    project = makeProject(files, { keep: true });
    server = await startDev(project.folder, { keep: true });
  });
  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const push = async (queue: string, payloads: unknown[], options = {}) => {
    const body = JSON.stringify({ payloads, options });
    const headers = { "content-type": "application/json" };
    const answer = await server.fetch(`/push/${queue}`, { method: "POST", body, headers });
    expect(answer.status).toBe(200);
  };
  const deadLetter = async (queue: string) => {
    const [message] = await server.sqs.take(`${queue}-dlq`, 1);
    return JSON.parse(message?.MessageAttributes?.["queue-run-failure"]?.StringValue ?? "null") as {
      attempts: number;
      error: { code: string; message: string };
    };
  };
  const journal = () => journalOf(project.folder);

  it("limits.pushes: a run that pushes more fails, and what it had pushed by then is sent", async () => {
    await push("greedy", [3]);
    await journal().until("sunk", 3);
    await push("greedy", [4]);
    expect(await deadLetter("greedy")).toMatchObject({ attempts: 1, error: { code: "QR_TOO_MANY_PUSHES" } });
    await journal().until("sunk", 6);
    await server.sqs.drained("sink");
    expect(journal().entries("sunk")).toHaveLength(6);
  });

  it("limits.hops: a chain of jobs that push jobs ends", async () => {
    await push("chain", [1]);
    expect(await deadLetter("chain")).toMatchObject({ error: { code: "QR_TOO_MANY_HOPS" } });
    expect(
      journal()
        .entries("hop")
        .map(({ n }) => n),
    ).toEqual([1, 2, 3, 4, 5]);
  });

  it("concurrency: no more jobs at once, however many wait", async () => {
    await push("few", Array(12).fill("x"));
    await journal().until("ended", 12);
    let running = 0;
    let most = 0;
    for (const { event } of journal().entries()) {
      if (event === "begun") most = Math.max(most, ++running);
      if (event === "ended") running--;
    }
    expect(most).toBe(2);
  });

  it("a push's own retries, backoff and backoffDelay are instead of its queue's", async () => {
    await push("picky", ["own"], { retries: 2, backoff: "none" });
    expect(await deadLetter("picky")).toMatchObject({ attempts: 3, error: { message: "no" } });
    expect(
      journal()
        .entries("own")
        .map(({ attempt, maxAttempts }) => [attempt, maxAttempts]),
    ).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it("retryAfter waits for what it says, not for the backoff; fatal is the end", async () => {
    await push("picky", ["retryAfter", "fatal"]);
    const attempts = await journal().until("retryAfter", 2);
    const [first, second] = attempts.map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(await deadLetter("picky")).toMatchObject({
      attempts: 1,
      error: { code: "QR_FATAL", message: "never" },
    });
  });
});
