/** The least that any HTTP server of Node's does: reads the body and writes it back. */
import { createServer } from "node:http";
import { reportTo } from "./report-cpu.mjs";

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    response.writeHead(200, { "Content-Type": "application/x-amz-json-1.0", "Content-Length": body.length });
    response.end(body);
  });
});
server.listen(0, "127.0.0.1", () => reportTo(process, { port: server.address().port }));
