import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { defaultEnvelope, encodeEnvelope } from "@queue-run/runtime/wire";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realClock } from "../clock/real-clock.js";
import { createBroker } from "../local-sqs/broker/create-broker.js";
import { startSqsServer } from "../local-sqs/server.js";
import { configureFailedCommands } from "./failed-commands.js";

let sqs: SQSClient;
let urlOf: (name: string) => string;
let stop: () => Promise<void>;

beforeEach(async () => {
  const server = await startSqsServer({ broker: await createBroker({ clock: realClock }), port: 0 });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  sqs = new SQSClient({ endpoint, region: "us-east-1", credentials });
  urlOf = (name) => `${endpoint}/000000000000/${name}`;
  for (const QueueName of ["emails", "emails-dlq"]) await sqs.send(new CreateQueueCommand({ QueueName }));
  stop = async () => {
    sqs.destroy();
    await server.close();
  };
});

afterEach(() => stop());

/** `failed …` on the queue emails, on a terminal whose editor does this to the text. */
async function run(
  args: string[],
  edit = "text",
): Promise<{ stdout: string; stderr: string; error: unknown }> {
  const script = `const fs = require("node:fs"); const file = process.argv[1]; const text = fs.readFileSync(file, "utf8"); fs.writeFileSync(file, ${edit});`;
  const EDITOR = `${JSON.stringify(process.execPath)} -e ${JSON.stringify(script)}`;
  let stdout = "";
  let stderr = "";
  const command = new Command("failed").option("--cwd <dir>", "", process.cwd()).exitOverride();
  const io = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  configureFailedCommands(
    command,
    { ...io, isTerminal: true, env: { EDITOR } },
    {
      addOptions: () => {},
      open: async () => ({
        names: ["emails"],
        find: async () => [
          {
            name: "emails",
            fifo: false,
            queueUrl: urlOf("emails"),
            deadLetterUrl: urlOf("emails-dlq"),
            sqs,
            waitSeconds: 0,
          },
        ],
      }),
    },
  );
  const error = await command.parseAsync(args, { from: "user" }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { stdout, stderr, error };
}

async function bury(jobId: string, MessageBody: string, payloadKind: "json" | "text" | "bytes") {
  const envelope = encodeEnvelope({ ...defaultEnvelope(), jobId, payloadKind });
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: urlOf("emails-dlq"),
      MessageBody,
      MessageAttributes: { "queue-run": { DataType: "String", StringValue: envelope } },
    }),
  );
}

async function bodiesIn(name: string) {
  const command = new ReceiveMessageCommand({ QueueUrl: urlOf(name), MaxNumberOfMessages: 10 });
  return ((await sqs.send(command)).Messages ?? []).map(({ Body }) => Body);
}

test("a payload that is edited on a terminal is sent as it was saved", async () => {
  await bury("job-1", '{"to":"ada"}', "json");
  expect(await run(["edit", "job-1"], 'text.replace("ada", "grace")')).toMatchObject({ error: null });
  expect(await bodiesIn("emails")).toEqual(['{"to":"grace"}']);
  expect(await bodiesIn("emails-dlq")).toEqual([]);
});

test("text that is edited has no line's end that the editor put there", async () => {
  await bury("job-1", "hello", "text");
  expect(await run(["edit", "job-1"], 'text + " there\\n"')).toMatchObject({ error: null });
  expect(await bodiesIn("emails")).toEqual(["hello there"]);
});

test("a mistake in what was JSON is refused, and the dead letter is where it was", async () => {
  await bury("job-1", '{"to":"ada"}', "json");
  const { error } = await run(["edit", "job-1"], "text.slice(0, -1)");
  expect(error).toMatchObject({ code: "QR_NOT_EDITABLE" });
  expect(await bodiesIn("emails")).toEqual([]);
  expect(await bodiesIn("emails-dlq")).toEqual(['{"to":"ada"}']);
});

test("a payload that no message has room for is refused before anything is sent", async () => {
  await bury("job-1", "1", "json");
  const { error } = await run(["edit", "job-1", "x".repeat(1_048_570)]);
  expect(error).toMatchObject({ code: "QR_PAYLOAD_TOO_LARGE" });
  expect(await bodiesIn("emails-dlq")).toEqual(["1"]);
});

test("what a message says of itself cannot move the terminal's cursor", async () => {
  await bury("job\u001b[2J", '"\u009b2J"', "text");
  for (const args of [["ls"], ["show", "job\u001b[2J"]]) {
    const { stdout, error } = await run(args);
    expect([error, stdout]).toEqual([null, expect.stringContaining("job\\x1b[2J")]);
    for (const control of ["\u001b", "\u009b"]) expect(stdout).not.toContain(control);
  }
});

test("dead letters that another command holds are told of: they are not gone", async () => {
  await bury("job-1", "1", "json");
  expect(await run(["ls"])).toMatchObject({ stdout: expect.stringContaining("job-1"), stderr: "" });
  await bodiesIn("emails-dlq");
  const { stdout, stderr, error } = await run(["ls"]);
  expect([stdout, error]).toEqual(["No dead letters.\n", null]);
  expect(stderr).toContain("1 dead letter of emails is held by another command");
});

test("purging says how many were there", async () => {
  await bury("job-1", "1", "json");
  const { stdout, error } = await run(["purge", "job-1", "job-2", "--yes"]);
  expect(stdout).toBe("Purged 1 job.\n");
  expect(error).toMatchObject({ code: "QR_DEAD_LETTER_NOT_FOUND" });
  expect((await run(["purge", "job-2", "--yes"])).stdout).toBe("Purged 0 jobs.\n");
});

test("what prints JSON is not mixed with a question", async () => {
  await bury("job-1", "1", "json");
  expect((await run(["purge", "--all", "--json"])).error).toMatchObject({ code: "QR_CONFIRMATION_REQUIRED" });
  expect(await bodiesIn("emails-dlq")).toEqual(["1"]);
});
