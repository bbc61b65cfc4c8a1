import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A web page for handlers to fetch. */
export type Page = {
  url: string;
  /** When each request came, in milliseconds since 1970. */
  requests: number[];
  /** What the next requests are answered. */
  answer: { status: number; body: string };
};

/** Serves one page until the test ends. */
export async function servePage(body: string): Promise<Page> {
  const page: Page = { url: "", requests: [], answer: { status: 200, body } };
  const server = createServer((_, response) => {
    page.requests.push(Date.now());
    response.writeHead(page.answer.status, { "content-type": "text/html", connection: "close" });
    response.end(page.answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  page.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return page;
}
