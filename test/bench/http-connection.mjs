import { connect } from "node:net";

const HEAD_END = "\r\n\r\n";

/** One keep-alive connection, one request at a time: as little of a client as there can be. */
export function openConnection(port) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let waiting;
  let received = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk) => {
    received += chunk;
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
    const bodyStart = headEnd + HEAD_END.length;
    if (received.length < bodyStart + length) return;
    const status = Number(received.slice(9, 12));
    const body = received.slice(bodyStart, bodyStart + length);
    received = received.slice(bodyStart + length);
    const { resolve, reject } = waiting;
    waiting = undefined;
    if (status === 200) resolve(body);
    else reject(new Error(`HTTP ${status}: ${body}`));
  });
  socket.on("error", (error) => waiting?.reject(error));
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}

/** The bytes of a call of SQS's JSON protocol, with the headers that an SDK sends. */
export function callBytes(port, action, input) {
  const body = Buffer.from(JSON.stringify(input));
  const head = [
    "POST / HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    "Content-Type: application/x-amz-json-1.0",
    `Content-Length: ${body.length}`,
    `X-Amz-Target: AmazonSQS.${action}`,
    "X-Amz-Date: 20261122T080000Z",
    "amz-sdk-invocation-id: 3a8e1f5e-6a53-4a0c-9d0a-0a0f6e3f6a11",
    "amz-sdk-request: attempt=1; max=3",
    "Authorization: AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0000000000000000000000000000000000000000000000000000000000000000",
    "Connection: keep-alive",
  ].join("\r\n");
  return Buffer.concat([Buffer.from(head + HEAD_END), body]);
}
