import { expect, test } from "vitest";
import { createHttpHandler } from "../lambda/http.js";
import { eventPath } from "./event-path.js";
import type { HttpRequest } from "./http-request.js";
import { testEvent, testFunction, toTestAnswer } from "./testing/requests.js";

/** An event as an HTTP API makes it: its path is decoded already. */
function httpApiEvent(path: string) {
  const event = testEvent({});
  const requestContext = { ...event.requestContext, accountId: "123456789012" };
  return { ...event, rawPath: path, requestContext };
}

test("a function URL's path is as it came", () => {
  const event = testEvent({ path: "/a%2Fb/%C3%BC%20" });
  expect(eventPath(event)).toBe("/a%2Fb/%C3%BC%20");
  const { requestContext } = event;
  const byRole = { accountId: "123456789012", domainName: "x.lambda-url.eu-west-1.on.aws" };
  expect(eventPath({ ...event, requestContext: { ...requestContext, ...byRole } })).toBe("/a%2Fb/%C3%BC%20");
  expect(eventPath(testEvent({ path: "" }))).toBe("/");
});

test("an HTTP API's path is not decoded a second time", async () => {
  const handler = createHttpHandler(
    testFunction({
      "/items/[id]": { get: ({ params, url, request }: HttpRequest) => [params.id, url, request.url] },
    }),
  );
  const ask = async (path: string) =>
    toTestAnswer(await handler(httpApiEvent(path), { getRemainingTimeInMillis: () => 9_000 }));
  const encoded = "https://api.example.com/items/100%25%20%C3%BC%3Fx%23";
  expect((await ask("/items/100% ü?x#")).json()).toEqual(["100% ü?x#", encoded, encoded]);
  expect((await ask("/items/%20")).json()).toContain("%20");
  expect((await ask("/items/\ud800")).json()).toContain("\ufffd");
});
