import { startProject } from "queue-run/testing";
import { expect, test } from "vitest";

const post = (month: string) => ({ method: "POST", body: new URLSearchParams({ month }) });

test("an export is accepted, done, and fetched from where Location says", async () => {
  await using project = await startProject();
  const accepted = await project.fetch("/exports", post("2026-02"));
  expect(accepted.status).toBe(202);
  const location = accepted.headers.get("location") ?? "";
  expect(await (await project.fetch(location)).json()).toMatchObject({ status: "pending", progress: null });

  await project.drain();
  expect(await (await project.fetch(location)).json()).toMatchObject({
    status: "completed",
    progress: { done: 28, of: 28 },
  });
  const file = await project.fetch(`${location}/file`);
  expect(file.headers.get("content-type")).toContain("text/csv");
  expect((await file.text()).split("\n")[1]).toBe("2026-02-01,7,139.30");
});

test("a month that there is not fails at once, a cancelled export never runs, and three may wait", async () => {
  await using project = await startProject();
  const failed = await project.fetch("/exports", post("2026-13"));
  await project.drain();
  expect(await (await project.fetch(failed.headers.get("location") ?? "")).json()).toMatchObject({
    status: "failed",
    attempt: 1,
    error: { message: "There is no month 2026-13" },
  });

  const waiting = await Promise.all(
    ["01", "02", "03"].map((month) => project.fetch("/exports", post(`2026-${month}`))),
  );
  expect(waiting.map(({ status }) => status)).toEqual([202, 202, 202]);
  expect((await project.fetch("/exports", post("2026-04"))).status).toBe(429);
  const [first = ""] = waiting.map(({ headers }) => headers.get("location") ?? "");
  expect((await project.fetch(first, { method: "DELETE" })).status).toBe(204);
  expect(await (await project.fetch(first)).json()).toMatchObject({ status: "cancelled" });
  expect((await project.fetch("/exports", post("2026-04"))).status).toBe(202);
});
