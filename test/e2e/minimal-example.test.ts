import { it } from "vitest";
import { startDev } from "../harness/dev-server.js";
import { copyProject } from "../harness/temporary-project.js";

it("runs the minimal example from curl to console", async () => {
  const project = copyProject("examples/minimal");
  const server = await startDev(project.folder);
  await server.post("/greetings", new URLSearchParams({ name: "Ada" }));
  await server.printed("Hello, Ada!");
  await server.post("/greetings", JSON.stringify({ name: "Grace" }), { "content-type": "application/json" });
  await server.printed("Hello, Grace!");
  await server.stop();
});
