import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./testing/start-test-server.js";

const run = promisify(execFile);
/** What the clients need: keys and a region, and nothing of the machine's own configuration. */
const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_PAGER: "",
};

/** A day of a queue in boto3's words; prints what the test looks at. */
const SCRIPT = `
import boto3, json, sys
sqs = boto3.client("sqs", endpoint_url=sys.argv[1])
url = sqs.create_queue(QueueName="boto.fifo", Attributes={"FifoQueue": "true"}, tags={"a": "b"})["QueueUrl"]
sent = sqs.send_message(QueueUrl=url, MessageBody="ahoj \\u017elu\\u0165", MessageGroupId="g", MessageDeduplicationId="d",
    MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary", "BinaryValue": b"\\x00\\xff"}})
[message] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"], AttributeNames=["All"])["Messages"]
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=60)
deleted = sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": message["ReceiptHandle"]}])
errors = []
for call in [
    lambda: sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g"),
    lambda: sqs.get_queue_url(QueueName="none"),
    lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={"FifoQueue": "false"}),
    lambda: sqs.start_message_move_task(SourceArn="arn:aws:sqs:us-east-1:000000000000:none"),
]:
    try:
        call()
    except sqs.exceptions.ClientError as error:
        answer = error.response
        errors.append([type(error).__name__, answer["Error"]["Code"], answer["Error"].get("QueryErrorCode"),
            answer["Error"]["Type"], answer["ResponseMetadata"]["HTTPStatusCode"], answer.get("message")])
print(json.dumps({
    "body": message["Body"], "bytes": list(message["MessageAttributes"]["b"]["BinaryValue"]),
    "sequence": message["Attributes"]["SequenceNumber"] == sent["SequenceNumber"],
    "md5": message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"],
    "deleted": deleted["Successful"], "tags": sqs.list_queue_tags(QueueUrl=url)["Tags"],
    "empty": "Messages" in sqs.receive_message(QueueUrl=url), "errors": errors,
}))
`;

const hasBoto = await works("python3", ["-c", "import boto3"]);
const hasAws = await works("aws", ["--version"]);
if (!hasBoto)
  console.warn("Skipped: boto3 is not installed, so Python's SDK is not tested against the server.");
if (!hasAws) console.warn("Skipped: the AWS CLI is not installed, so it is not tested against the server.");

describe("clients of other languages", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it.skipIf(!hasBoto)("boto3 sends, receives and understands errors", { timeout: 60_000 }, async () => {
    const { stdout } = await run("python3", ["-c", SCRIPT, server.endpoint], { env: ENVIRONMENT });
    const modifying =
      "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.";
    const gone = "The resource that you specified for the SourceArn parameter doesn't exist.";
    expect(JSON.parse(stdout)).toEqual({
      body: "ahoj žluť",
      bytes: [0, 255],
      sequence: true,
      md5: true,
      deleted: [{ Id: "1" }],
      tags: { a: "b" },
      empty: false,
      errors: [
        ["ClientError", "InvalidParameterValue", "InvalidParameterValueException", "Sender", 400, null],
        [
          "QueueDoesNotExist",
          "AWS.SimpleQueueService.NonExistentQueue",
          "QueueDoesNotExist",
          "Sender",
          400,
          null,
        ],
        ["InvalidAttributeValue", "InvalidAttributeValue", "InvalidAttributeValue", "Sender", 400, modifying],
        [
          "ResourceNotFoundException",
          "ResourceNotFoundException",
          "ResourceNotFoundException",
          "Sender",
          404,
          gone,
        ],
      ],
    });
  });

  it.skipIf(!hasAws)("the AWS CLI makes a queue, sends and receives", { timeout: 60_000 }, async () => {
    const aws = async (...words: string[]) => {
      const { stdout } = await run("aws", ["sqs", ...words, "--endpoint-url", server.endpoint], {
        env: ENVIRONMENT,
      });
      return stdout === "" ? undefined : (JSON.parse(stdout) as unknown);
    };
    const QueueUrl = `${server.endpoint}/000000000000/cli`;
    expect(await aws("create-queue", "--queue-name", "cli", "--attributes", "VisibilityTimeout=5")).toEqual({
      QueueUrl,
    });
    expect(await aws("list-queues", "--queue-name-prefix", "cli")).toEqual({ QueueUrls: [QueueUrl] });
    await aws("send-message", "--queue-url", QueueUrl, "--message-body", "hello");
    expect(await aws("receive-message", "--queue-url", QueueUrl)).toMatchObject({
      Messages: [{ Body: "hello" }],
    });
    await expect(aws("get-queue-url", "--queue-name", "none")).rejects.toMatchObject({
      stderr: expect.stringContaining("(AWS.SimpleQueueService.NonExistentQueue)"),
    });
  });
});

async function works(command: string, parameters: string[]): Promise<boolean> {
  try {
    await run(command, parameters, { env: ENVIRONMENT });
    return true;
  } catch {
    return false;
  }
}
