import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileUnreadableError } from "../errors/dev-errors.js";

/**
 * The payload that a command line means.
 *
 * @param given - text, `@file`, `-` for standard input; undefined: no payload
 * @param cwd - what a file's name is relative to
 * @returns JSON when it is JSON, else the text itself; null for no payload
 */
export async function payloadArgument(given: string | undefined, cwd: string): Promise<unknown> {
  return given === undefined ? null : parsePayload(await readPayload(given, cwd));
}

/** JSON when it is JSON, else the text itself. */
function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @returns all of standard input, as text */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}

async function readPayload(given: string, cwd: string): Promise<string> {
  if (given === "-") return readStandardInput();
  if (!given.startsWith("@")) return given;
  const file = resolve(cwd, given.slice(1));
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw fileUnreadableError(file, error);
  }
}
