import type { Problem } from "./manifest.js";
import { problem } from "./problem.js";
import { type SettingReader, settingReader } from "./setting-reader.js";
import type { SettingFacts, SourceFacts } from "./source-facts.js";

/** The project's own defaults for a setting, already checked by themselves. */
export type SettingDefaults = Readonly<Record<string, unknown>>;

/**
 * Prepares an exported setting for reading: reports what is not static, lays it over the project's defaults.
 *
 * @param setting - "config"
 * @param problems - what is wrong is added here
 */
export function settingOf(
  file: string,
  setting: string,
  facts: SourceFacts,
  problems: Problem[],
  defaults: SettingDefaults | null = null,
): SettingReader {
  const given = facts.settings[setting] ?? null;
  const own = given ? membersOf(file, setting, given, problems) : {};
  const base = defaults ?? {};
  const value: Record<string, unknown> = { ...base, ...own };
  if (isRecord(base.limits) && isRecord(own.limits)) value.limits = { ...base.limits, ...own.limits };
  const defaulted = Object.keys(base).filter((key) => !Object.hasOwn(own, key));
  return settingReader(
    value,
    { file, setting, at: given?.at ?? null, positions: given?.positions ?? {}, defaulted },
    problems,
  );
}

function membersOf(
  file: string,
  setting: string,
  given: SettingFacts,
  problems: Problem[],
): Record<string, unknown> {
  for (const { path, at, found } of given.notStatic) {
    const name = path === "" ? setting : `${setting}.${path}`;
    problems.push(
      problem(
        "QR_NOT_STATIC",
        file,
        at,
        `${name} is ${found}. It shapes what is deployed, so it is read without running the file.`,
        "Write it as a literal, a constant of this file, or arithmetic on those.",
      ),
    );
  }
  if (given.notStatic.some(({ path }) => path === "")) return {};
  if (isRecord(given.value)) return given.value;
  problems.push(
    problem(
      "QR_INVALID_CONFIG",
      file,
      given.at,
      `${setting} is not an object.`,
      `Write export const ${setting} = { … }.`,
    ),
  );
  return {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
