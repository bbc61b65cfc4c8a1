/** An SQS that keeps nothing: it answers sends as SQS would. Sends its port to the process that forked it. */
import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const input = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const sent = ({ MessageBody }) => ({
      MessageId: randomUUID(),
      MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
    });
    const output = input.Entries
      ? { Successful: input.Entries.map((entry) => ({ Id: entry.Id, ...sent(entry) })) }
      : sent(input);
    response.writeHead(200, {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-requestid": randomUUID(),
    });
    response.end(JSON.stringify(output));
  });
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
