import { afterEach, beforeEach, describe } from "vitest";
import { startTestServer, type TestServer } from "../testing/start-test-server.js";

/** Groups tests that hold in both protocols; `use` gives the running test its own server. */
export function describeEachWire(name: string, tests: (use: () => TestServer) => void): void {
  describe.each(["JSON", "query"] as const)(`${name} (%s protocol)`, (wire) => {
    let server: TestServer | undefined;
    beforeEach(async () => {
      server = await startTestServer(wire);
    });
    afterEach(() => server?.close());
    tests(() => {
      if (server === undefined) throw new Error("Only a running test has a server");
      return server;
    });
  });
}
