import { InvalidArgumentError } from "commander";
import { portVariableError } from "../errors/dev-errors.js";
import type { CommandIo } from "./command.js";

/** Of the HTTP server, where neither a flag nor PORT says another. */
export const DEFAULT_PORT = 8000;

const MAX_PORT = 65_535;

/** A port of an option. Throws commander's error for anything else. */
export function parsePort(text: string): number {
  const port = toPort(text);
  if (port === null) throw new InvalidArgumentError(`A port is a number from 0 to ${MAX_PORT}.`);
  return port;
}

function toPort(text: string): number | null {
  return /^\d+$/.test(text) && Number(text) <= MAX_PORT ? Number(text) : null;
}

/**
 * The variable PORT, where it is set.
 *
 * @throws UsageError when it is no port
 */
export function portOfEnvironment({ env: { PORT } }: CommandIo): number | null {
  if (PORT === undefined || PORT === "") return null;
  const port = toPort(PORT);
  if (port === null) throw portVariableError(PORT, MAX_PORT);
  return port;
}

/** Adds a variable of `-e NAME=VALUE` to those before it. Throws commander's error for anything else. */
export function parseVariable(text: string, previous: Record<string, string> = {}): Record<string, string> {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(text);
  if (!match?.[1]) throw new InvalidArgumentError("A variable is written NAME=VALUE: -e STAGE=test.");
  return { ...previous, [match[1]]: match[2] ?? "" };
}
