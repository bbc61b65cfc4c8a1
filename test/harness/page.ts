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
  const { page, close } = await openPage(body);
  onTestFinished(close);
  return page;
}

/** Serves one page until it is closed: for what a whole file of tests shares. */
export async function openPage(body: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const page: Page = { url: "", requests: [], answer: { status: 200, body } };
  const server = createServer((_, response) => {
    page.requests.push(Date.now());
    response.writeHead(page.answer.status, { "content-type": "text/html", connection: "close" });
    response.end(page.answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  page.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    page,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
