import { expect, test } from "vitest";
import { portTransport } from "./port-transport.js";
import type { FromWorker } from "./protocol.js";

type Request = Extract<FromWorker, { type: "aws" }>["requests"][number];

const headers = (operation: string) => ({ "x-amz-target": `AmazonSQS.${operation}` });

test("requests of one turn travel together, and each gets its own answer, in whatever order they come", async () => {
  const posted: Request[][] = [];
  const transport = portTransport((requests) => posted.push(requests));
  const first = transport.post(headers("SendMessage"), "1");
  const second = transport.post(headers("DeleteMessage"), "2");
  await Promise.resolve();
  const third = transport.post(headers("SendMessage"), "3");
  await Promise.resolve();
  expect(posted.map((requests) => requests.map(({ target, body }) => [target, body]))).toEqual([
    [
      ["AmazonSQS.SendMessage", "1"],
      ["AmazonSQS.DeleteMessage", "2"],
    ],
    [["AmazonSQS.SendMessage", "3"]],
  ]);
  const ids = posted.flat().map(({ id }) => id);
  const answers = ids.map((id, index) => ({ id, status: 200 + index, headers: {}, body: `answer ${index}` }));
  transport.answered(answers.reverse());
  expect(await first).toEqual({ status: 200, headers: {}, body: "answer 0" });
  expect(await second).toEqual({ status: 201, headers: {}, body: "answer 1" });
  expect(await third).toEqual({ status: 202, headers: {}, body: "answer 2" });
});
