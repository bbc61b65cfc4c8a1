import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configureInstance } from "../../../packages/runtime/src/config/instance.js";
import { ask, type TestModules } from "../../../packages/runtime/src/http/testing/requests.js";
import { bindQueues } from "../../../packages/runtime/src/queue/queues.js";
import { connectRecords } from "../../../packages/runtime/src/records/connect-records.js";
import { startTrackedProject, type TrackedProject } from "./tracked-project.js";

const queues = bindQueues({ queue: null, fifo: false });
const mail = queues.get("mail");
const FAILURE = { name: "RangeError", message: "No luck", stack: "RangeError: No luck\n    at mail.ts:1" };

let project: TrackedProject;

beforeEach(async () => {
  project = await startTrackedProject({
    mail: { track: true },
    other: { track: true },
    small: { track: true, maxPending: 1 },
    plain: {},
  });
});
afterEach(() => project.stop());

describe("cancelling", () => {
  test("a tag in one queue, in all of them, and one job", async () => {
    const [first] = await mail.tag("t").pushAll([1, 2]);
    const other = await queues.get("other").tag("t").push(1);
    const untagged = await mail.push(1);
    await project.claim("mail", first ?? "", { tag: "t" });
    expect(await mail.cancel("t")).toEqual({ cancelled: 1 });
    expect(await queues.cancel("t")).toEqual({ cancelled: 1 });
    expect((await queues.get("other").status(other))?.status).toBe("cancelled");
    expect(await mail.cancel({ jobId: untagged })).toEqual({ cancelled: 1 });
    expect(await mail.cancel({ jobId: untagged })).toEqual({ cancelled: 0 });
    expect(await mail.cancel({ jobId: "nothing" })).toEqual({ cancelled: 0 });
  });

  test("needs a tag or a job, and a queue that is tracked", async () => {
    for (const target of ["", null, undefined, 5, {}, { jobId: "" }, { jobId: 5 }, []])
      await expect(mail.cancel(target as string)).rejects.toMatchObject({ code: "QR_INVALID_TAG" });
    await expect(queues.get("plain").cancel("t")).rejects.toMatchObject({ code: "QR_NOT_TRACKED" });
    await expect(queues.get("nowhere").cancel("t")).rejects.toMatchObject({ code: "QR_QUEUE_NOT_FOUND" });
    configureInstance(null);
    await expect(queues.cancel("t")).rejects.toMatchObject({ code: "QR_NO_PROJECT" });
  });
});

describe("a job's result", () => {
  test("is awaited until the job is done", async () => {
    const jobId = await mail.push(1);
    const result = mail.result(jobId, { timeout: "10s" });
    const records = connectRecords(project.config);
    await records.complete(await project.claim("mail", jobId), { sent: 1 });
    expect(await result).toEqual({ sent: 1 });
    expect(await mail.status(jobId)).toMatchObject({ status: "completed", result: { sent: 1 } });
  });

  test("rejects with the error of a job that failed", async () => {
    const jobId = await mail.push(1);
    const records = connectRecords(project.config);
    await records.fail(await project.claim("mail", jobId), { ...FAILURE, code: "E1", fix: "?" });
    const error = await mail.result(jobId).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "QR_JOB_FAILED",
      message: expect.stringContaining("RangeError: No luck"),
      cause: { name: "RangeError", message: "No luck", stack: FAILURE.stack },
      details: { job: { jobId, status: "failed", error: FAILURE } },
    });
    expect((error as Error).cause).toBeInstanceOf(Error);
    expect((await mail.status(jobId))?.error).toEqual(FAILURE);
  });

  test("rejects for a job that was cancelled, has expired, is not known, or takes too long", async () => {
    const cancelled = await mail.push(1);
    await mail.cancel({ jobId: cancelled });
    await expect(mail.result(cancelled)).rejects.toMatchObject({ code: "QR_JOB_CANCELLED" });
    const expired = await mail.push(1);
    const late = { createdAtMs: Date.now() - 10_000, expiresSeconds: 1 };
    await project.claim("mail", expired, late).catch(() => {});
    await expect(mail.result(expired)).rejects.toMatchObject({ code: "QR_JOB_EXPIRED" });
    await expect(mail.result("nothing")).rejects.toMatchObject({ code: "QR_JOB_UNKNOWN" });
    await expect(queues.get("other").result(expired)).rejects.toMatchObject({ code: "QR_JOB_UNKNOWN" });
    const waiting = await mail.push(1);
    await expect(mail.result(waiting, { timeout: "120ms" })).rejects.toMatchObject({
      code: "QR_RESULT_TIMEOUT",
      details: { jobId: waiting, status: "pending" },
    });
    await expect(mail.result(waiting, { timeout: "soon" as "1s" })).rejects.toMatchObject({
      code: "QR_INVALID_TIMEOUT",
    });
    expect(await mail.status("nothing")).toBeNull();
    expect(await mail.status("")).toBeNull();
  });

  test("a table that is away is told as such", async () => {
    const jobId = await mail.push(1);
    project.beforeTable = () => {
      throw Object.assign(new Error("no rights"), { name: "AccessDeniedException" });
    };
    for (const asked of [mail.status(jobId), mail.result(jobId), mail.cancel("t")])
      await expect(asked).rejects.toMatchObject({
        code: "QR_RECORDS_UNREACHABLE",
        fix: expect.stringContaining("role"),
      });
  });
});

describe("over HTTP", () => {
  const routes = (extra: TestModules = {}): TestModules => ({
    "/mail": { post: mail.http },
    "/mail/[jobId]": { get: mail.statusHttp },
    ...extra,
  });
  const post = (path = "/mail", modules = routes()) =>
    ask(modules, { method: "POST", path, headers: { "content-type": "application/json" }, body: "{}" });

  test("202 says where the job's status is, and there it is, never with a stack", async () => {
    const modules = routes();
    const pushed = await post("/mail", modules);
    const jobId = pushed.headers["x-job-id"] ?? "";
    expect(pushed).toMatchObject({ status: 202, headers: { location: `/mail/${jobId}` } });
    const records = connectRecords(project.config);
    const held = await project.claim("mail", jobId);
    await records.progress(held, 0.5);
    await records.retry(held, FAILURE);
    const answer = await ask(modules, { path: pushed.headers.location ?? "" });
    expect(answer).toMatchObject({ status: 200, headers: { "cache-control": "no-store" } });
    expect(answer.json()).toEqual({
      jobId,
      queueName: "mail",
      job: "default",
      status: "pending",
      attempt: 1,
      maxAttempts: 5,
      tag: null,
      progress: 0.5,
      createdAt: expect.any(String),
      dueAt: null,
      startedAt: expect.any(String),
      completedAt: null,
      result: null,
      error: { name: "RangeError", message: "No luck" },
    });
  });

  test("404 for a job of another queue, or of another user, or of nobody", async () => {
    const authenticate = ({ bearerToken }: { bearerToken?: string }) =>
      bearerToken ? { id: bearerToken } : null;
    const modules = routes({ _middleware: { authenticate }, "/_middleware": { authenticate } });
    const as = (user: string) => ({ headers: { authorization: `Bearer ${user}` } });
    const { headers } = await ask(modules, {
      method: "POST",
      path: "/mail",
      headers: { "content-type": "application/json", authorization: "Bearer ann" },
      body: "{}",
    });
    const path = headers.location ?? "";
    expect((await ask(modules, { path, ...as("ann") })).status).toBe(200);
    for (const answer of [
      await ask(modules, { path, ...as("bob") }),
      await ask(modules, { path }),
      await ask(modules, { path: `/mail/${await queues.get("other").push(1)}`, ...as("ann") }),
      await ask(modules, { path: "/mail/nothing" }),
    ])
      expect(answer).toMatchObject({ status: 404, headers: { "cache-control": "no-store" } });
  });

  test("Location fills the status route's other parameters from the request's, and is left out where it cannot", async () => {
    const location = async (modules: TestModules, path: string) =>
      (await post(path, modules)).headers.location;
    const nested = {
      "/users/[id]/mail": { post: mail.http },
      "/users/[id]/mail/[jobId]": { get: mail.statusHttp },
    };
    expect(await location(nested, "/users/a%20b/mail")).toMatch(/^\/users\/a%20b\/mail\/[0-9a-f-]{36}$/);
    expect(
      await location(
        { "/mail": { post: mail.http }, "/users/[id]/[jobId]": { get: mail.statusHttp } },
        "/mail",
      ),
    ).toBeUndefined();
    expect(
      await location(
        { "/mail": { post: mail.http }, "/[jobId]": { get: queues.get("other").statusHttp } },
        "/mail",
      ),
    ).toBeUndefined();
    expect(await location({ "/plain": { post: queues.get("plain").http } }, "/plain")).toBeUndefined();
    expect(await location({ "/mail": { post: mail.http } }, "/mail")).toBeUndefined();
  });

  test("429 where the group is full", async () => {
    const modules: TestModules = { "/small": { post: queues.get("small").http } };
    expect((await post("/small", modules)).status).toBe(202);
    const refused = await post("/small", modules);
    expect(refused.status).toBe(429);
    expect(refused.json()).toMatchObject({ error: expect.stringContaining("limits.pending") });
  });

  test("500 for a queue that is not tracked, and for a path that names no job", async () => {
    expect((await ask({ "/[jobId]": { get: queues.get("plain").statusHttp } }, { path: "/x" })).status).toBe(
      500,
    );
    expect((await ask({ "/[id]": { get: mail.statusHttp } }, { path: "/x" })).status).toBe(500);
  });
});
