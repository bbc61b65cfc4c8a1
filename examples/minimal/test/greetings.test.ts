import { startProject } from "queue-run/testing";
import { expect, test, vi } from "vitest";

test("greets who posts a name", async () => {
  await using project = await startProject();
  const log = vi.spyOn(console, "log");

  const answer = await project.fetch("/greetings", {
    method: "POST",
    body: new URLSearchParams({ name: "Ada" }),
  });
  expect(answer.status).toBe(202);
  expect(project.pushed("greetings")).toMatchObject([{ payload: { name: "Ada" } }]);
  expect(log).not.toHaveBeenCalled();

  await project.drain();
  expect(log).toHaveBeenCalledWith("Hello, Ada!");
});
