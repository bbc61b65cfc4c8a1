import { expect, it } from "vitest";
import { startDev } from "../harness/dev-server.js";
import { copyProject } from "../harness/temporary-project.js";

it("runs the webhooks example: an event, an attempt that is refused, the retry, and its status", async () => {
  const project = copyProject("examples/webhooks");
  const server = await startDev(project.folder);
  const answer = await server.fetch("/events", {
    method: "POST",
    body: new URLSearchParams({ event: "order.paid", data: "42" }),
  });
  const [jobId] = (await answer.json()) as string[];
  await server.printed("answered 503");
  await server.printed(`Webhook ${jobId}: {"event":"order.paid","data":"42"}`);
  await expect
    .poll(async () => (await server.fetch(`/deliveries/${jobId}`)).json(), { timeout: 20_000 })
    .toMatchObject({ status: "completed", attempt: 2, result: { status: 204 } });
});
