import { request } from "node:http";
import { noServerError } from "../errors/dev-errors.js";
import { readAddress } from "./data-folder.js";

const DEFAULT_PORT = 8000;

/**
 * Asks the dev server that runs for a project.
 *
 * @param root - the project's folder
 * @param port - where the server listens; undefined: where this project's server said that it does
 * @param body - sent as JSON
 * @returns its answer
 * @throws QueueRunError `QR_NO_DEV_SERVER` when no server of ours answers
 */
export async function sendToDevServer<Answer extends object>(
  root: string,
  port: number | undefined,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const at = port ?? readAddress(root)?.port ?? DEFAULT_PORT;
  const { status, text } = await exchange(at, method, path, body).catch((error: unknown) => {
    throw noServerError(`http://localhost:${at}`, error);
  });
  try {
    if (status < 500 && status !== 403) return JSON.parse(text) as Answer;
  } catch {
    // Some other server answers on that port.
  }
  throw noServerError(`http://localhost:${at}`);
}

function exchange(
  port: number,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = json && { "content-type": "application/json", "content-length": json.length };
  return new Promise((resolve, reject) => {
    const sent = request({
      host: "127.0.0.1",
      port,
      method,
      path,
      headers: { host: `localhost:${port}`, ...headers },
      agent: false,
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    sent.end(json);
  });
}
