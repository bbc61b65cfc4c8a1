import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { CommandIo } from "../commands/command.js";
import type { Manifest } from "../project/manifest.js";
import type { Reporter } from "../terminal/reporter.js";
import type { DevOptions } from "./dev-options.js";

/** The environment of handlers while the server runs. */
export type Environment = {
  current: () => Record<string, string | undefined>;
  /** Reads `.env` and the project's settings again. Returns whether anything is different. */
  refresh: (manifest: Manifest) => boolean;
  /** Tells which of the variables that the project requires have no value. */
  warn: (manifest: Manifest, reporter: Reporter) => void;
};

/** @param url - of the dev server */
export function createEnvironment(
  { root, variables }: DevOptions,
  { env }: CommandIo,
  url: string,
): Environment {
  const ours = { NODE_ENV: "development", QUEUE_RUN_STAGE: "dev", QUEUE_RUN_URL: url };
  const compose = (config: Record<string, string>): Record<string, string | undefined> =>
    handlerEnvironment({ ours, flags: variables, shell: env, file: readEnvFile(root), config });
  let current = compose({});
  return {
    current: () => current,
    refresh({ settings }) {
      const before = current;
      current = compose(settings.env ?? {});
      return JSON.stringify(before) !== JSON.stringify(current);
    },
    warn({ settings }, reporter) {
      for (const name of missingVariables(settings.requiredEnv ?? [], current))
        reporter.warning(
          `${name} has no value, and requiredEnv lists it: set it in .env, in the shell, or with -e ${name}=…`,
        );
    },
  };
}

/** Where the environment of handlers comes from; later members give way to earlier ones. */
export type EnvironmentSources = {
  /** What queue-run itself sets: NODE_ENV, QUEUE_RUN_STAGE, QUEUE_RUN_URL. */
  ours: Record<string, string>;
  /** `-e NAME=VALUE` */
  flags: Record<string, string>;
  shell: Readonly<Record<string, string | undefined>>;
  /** `.env` */
  file: Record<string, string>;
  /** `env` of queue-run.config.ts. */
  config: Record<string, string>;
};

/** The environment that handlers see. */
export function handlerEnvironment({
  ours,
  flags,
  shell,
  file,
  config,
}: EnvironmentSources): Record<string, string | undefined> {
  return { ...config, ...file, ...shell, ...flags, ...ours };
}

/** @returns what the project's `.env` sets; nothing when there is none */
export function readEnvFile(root: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(join(root, ".env"), "utf8");
  } catch {
    return {};
  }
  const parsed = parseEnv(text);
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** @returns the names that `requiredEnv` lists and that have no value */
export function missingVariables(
  required: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  return required.filter((name) => !environment[name]);
}
