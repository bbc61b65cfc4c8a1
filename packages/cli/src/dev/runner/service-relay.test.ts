import { expect, test } from "vitest";
import type { ServiceAnswer } from "../services/service.js";
import { relayServices } from "./service-relay.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("what is answered in one turn is answered with one message", async () => {
  const waiting = new Map<string, (answer: ServiceAnswer) => void>();
  const posted: number[][] = [];
  const relay = relayServices(
    ({ body }) => new Promise((resolve) => waiting.set(body, resolve)),
    (answers) => posted.push(answers.map(({ id }) => id)),
  );
  relay.ask([
    { id: 1, target: "AmazonSQS.SendMessage", body: "a" },
    { id: 2, target: "AmazonSQS.SendMessage", body: "b" },
  ]);
  relay.ask([{ id: 3, target: "AmazonSQS.SendMessage", body: "c" }]);
  const answer = { status: 200, headers: {}, body: "" };
  waiting.get("b")?.(answer);
  void Promise.resolve().then(() => waiting.get("c")?.(answer));
  await settle();
  waiting.get("a")?.(answer);
  await settle();
  expect(posted).toEqual([[2, 3], [1]]);
});

test("a worker that is gone is answered no more, and the service is told so", async () => {
  let answer: (answer: ServiceAnswer) => void = () => {};
  let signal: AbortSignal | null = null;
  const posted: unknown[] = [];
  const relay = relayServices(
    (_request, gone) => {
      signal = gone;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    (answers) => posted.push(answers),
  );
  relay.ask([{ id: 1, target: "AmazonSQS.ReceiveMessage", body: "{}" }]);
  relay.end();
  expect(signal).toMatchObject({ aborted: true });
  answer({ status: 200, headers: {}, body: "" });
  await settle();
  expect(posted).toEqual([]);
});
