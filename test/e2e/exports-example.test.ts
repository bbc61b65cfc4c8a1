import { expect, it } from "vitest";
import { startDev } from "../harness/dev-server.js";
import { copyProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

it("runs the exports example: accepted, its progress watched, its file fetched", async () => {
  const project = copyProject("examples/exports");
  const server = await startDev(project.folder);
  const accepted = await server.fetch("/exports", {
    method: "POST",
    body: new URLSearchParams({ month: "2026-10" }),
  });
  expect(accepted.status).toBe(202);
  const location = accepted.headers.get("location") ?? "";
  expect(location).toBe(`/exports/${accepted.headers.get("x-job-id")}`);

  const seen: { status: string; progress: { done: number; of: number } | null }[] = [];
  await waitFor("the export to be done", async () => {
    const answer = await server.fetch(location);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const status = (await answer.json()) as (typeof seen)[number];
    seen.push(status);
    return status.status === "completed";
  });
  expect(seen.some(({ status, progress }) => status === "running" && progress !== null)).toBe(true);
  expect(seen.at(-1)?.progress).toEqual({ done: 31, of: 31 });

  const file = await server.fetch(`${location}/file`);
  expect(file.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect((await file.text()).trim().split("\n")).toHaveLength(32);
  expect((await server.fetch("/exports/nothing")).status).toBe(404);
  expect((await server.fetch(location, { method: "DELETE" })).status).toBe(409);
  await server.stop();
});
