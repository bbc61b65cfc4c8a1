import { InvalidArgumentError } from "commander";
import type { CommandIo } from "./command.js";

/** Of the HTTP server, where neither a flag nor PORT says another. */
export const DEFAULT_PORT = 8000;

const MAX_PORT = 65_535;

/** A port of an option. Throws commander's error for anything else. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > MAX_PORT)
    throw new InvalidArgumentError(`A port is a number from 0 to ${MAX_PORT}.`);
  return port;
}

/** The variable PORT, where it is set. Throws commander's error when it is no port. */
export function portOfEnvironment({ env }: CommandIo): number | null {
  return env.PORT === undefined || env.PORT === "" ? null : parsePort(env.PORT);
}

/** Adds a variable of `-e NAME=VALUE` to those before it. Throws commander's error for anything else. */
export function parseVariable(text: string, previous: Record<string, string> = {}): Record<string, string> {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(text);
  if (!match?.[1]) throw new InvalidArgumentError("A variable is written NAME=VALUE: -e STAGE=test.");
  return { ...previous, [match[1]]: match[2] ?? "" };
}
