import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { startDev } from "../harness/dev-server.js";
import { copyProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

it("tells whoever index.ts says of a job that was given up, and warms up first", async () => {
  const alerts: string[] = [];
  const receiver = createServer((request, response) => {
    request.on("data", (text) => alerts.push(String(text)));
    request.on("end", () => response.end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const project = copyProject("test/fixtures/logging", { packages: ["@types/node"] });
  const server = await startDev(project.folder, {
    arguments: ["-e", `ALERT_URL=http://127.0.0.1:${port}/`],
  });
  try {
    const json = { "content-type": "application/json" };
    await server.post("/payments", '{"order":"o1","card":"4242"}', json);
    await server.printed("Order o1 is paid");
    expect(server.command.output()).toContain("Ready in stage dev");
    const jobId = await server.post("/payments", '{"order":"o2","card":"expired"}', json);
    await waitFor("the alert", () => alerts.length > 0);
    expect(alerts).toEqual([
      JSON.stringify({
        text: `payments has given up ${jobId}: QueueRunError: The card of order o2 has expired`,
      }),
    ]);
  } finally {
    await server.stop();
    receiver.close();
  }
});

it("has spans exported that OpenTelemetry makes of a request, its job, and what the job does", async () => {
  const project = copyProject("test/fixtures/telemetry", {
    packages: ["@types/node", "@opentelemetry/api", "@opentelemetry/sdk-trace-node"],
  });
  const server = await startDev(project.folder);
  try {
    await server.post("/orders", '{"order":"o1"}', { "content-type": "application/json" });
    for (const name of ["POST /orders", "send orders", "process orders", "charge"])
      await server.printed(`name: '${name}'`, { deadlineMs: 20_000 });
  } finally {
    await server.stop();
  }
});
