import { configureInstance } from "@queue-run/runtime/instance";
import { expect, onTestFinished, test } from "vitest";
import { awslambda } from "./response-stream.js";
import { warmUp } from "./warm-up.js";

test("goes the whole way that an event goes", async () => {
  Object.assign(globalThis, { awslambda });
  onTestFinished(() => {
    Reflect.deleteProperty(globalThis, "awslambda");
    configureInstance(null);
  });
  expect(await warmUp()).toMatchObject({ head: { statusCode: 200 }, body: "warm" });
});
