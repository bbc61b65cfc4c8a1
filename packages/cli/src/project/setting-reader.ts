import { durationInSeconds, sizeInBytes } from "@queue-run/runtime/config";
import { nearestName } from "@queue-run/runtime/names";
import type { Problem } from "./manifest.js";
import { problem } from "./problem.js";
import type { Position } from "./source-position.js";

/** Reads the members of one exported setting, checks each, and collects what is wrong with them. */
export type SettingReader = {
  /** Seconds; null when it is not given or not valid. */
  duration: (key: string, min: number, max: number) => number | null;
  /** Bytes. */
  size: (key: string, min: number, max: number) => number | null;
  /** Megabytes, from a number of megabytes or a size. */
  megabytes: (key: string, min: number, max: number) => number | null;
  wholeNumber: (key: string, min: number, max: number, hint?: string) => number | null;
  boolean: (key: string) => boolean | null;
  oneOf: <T extends string>(key: string, values: readonly T[]) => T | null;
  /** A string, or a list of strings, as a list. */
  strings: (key: string) => string[] | null;
  /** The value as it stands, for what has a shape of its own; "" is the whole. */
  raw: (key: string) => unknown;
  /** Reports a problem with a member. */
  reject: (key: string, message: string, fix: string) => void;
  /** Reports members that are not in `known`; `prefix` is "limits." for those of `limits`. */
  unknownKeys: (value: unknown, known: readonly string[], prefix?: string) => void;
};

/**
 * @param value - the setting's members; nested ones are reached by their path ("limits.pending")
 * @param place - where it stands, what it is called in messages ("config", "queues"), and which members are the
 *   project's defaults
 * @param problems - what is wrong is added here
 */
export function settingReader(
  value: Record<string, unknown>,
  place: {
    file: string;
    setting: string;
    at: Position | null;
    positions: Record<string, Position>;
    defaulted?: readonly string[];
  },
  problems: Problem[],
): SettingReader {
  function raw(key: string): unknown {
    let current: unknown = value;
    if (key === "") return value;
    for (const part of key.split(".")) {
      if (current === null || typeof current !== "object" || !Object.hasOwn(current, part)) return undefined;
      current = Reflect.get(current, part);
    }
    return current;
  }

  function reject(key: string, message: string, fix: string): void {
    const at = place.positions[key] ?? place.at;
    const isDefault = place.defaulted?.includes(key.split(".")[0] ?? key) ?? false;
    const origin = isDefault
      ? " The value is a default of queue-run.config.ts; this file may set its own."
      : "";
    problems.push(problem("QR_INVALID_CONFIG", place.file, isDefault ? null : at, message, fix + origin));
  }

  function inRange(
    key: string,
    convert: (given: unknown) => number | null,
    limits: { min: number; max: number; what: string; show: (amount: number) => string; hint?: string },
  ): number | null {
    const given = raw(key);
    if (given === undefined) return null;
    const amount = convert(given);
    const { min, max, what, show, hint } = limits;
    const fix = `Set ${place.setting}.${key} to ${what} from ${show(min)} to ${show(max)}.${hint ? ` ${hint}` : ""}`;
    if (amount === null) {
      reject(key, `${place.setting}.${key} is ${format(given)}, which is not ${what}.`, fix);
      return null;
    }
    if (amount < min || amount > max) {
      const side = amount < min ? `less than ${show(min)}` : `more than ${show(max)}`;
      reject(key, `${place.setting}.${key} is ${format(given)}, ${side}.`, fix);
      return null;
    }
    return amount;
  }

  return {
    raw,
    reject,
    duration: (key, min, max) =>
      inRange(key, durationInSeconds, {
        min,
        max,
        what: 'a number of seconds or a duration such as "5m"',
        show: showSeconds,
      }),
    size: (key, min, max) =>
      inRange(key, sizeInBytes, {
        min,
        max,
        what: 'a number of bytes or a size such as "64KB"',
        show: String,
      }),
    megabytes: (key, min, max) => {
      const convert = (given: unknown) => {
        if (typeof given === "number") return Number.isInteger(given) ? given : null;
        const bytes = sizeInBytes(given);
        return bytes === null ? null : bytes / 1024 ** 2;
      };
      return inRange(key, convert, {
        min,
        max,
        what: 'a number of MB or a size such as "1GB"',
        show: (mb) => `${mb} MB`,
      });
    },
    wholeNumber: (key, min, max, hint) =>
      inRange(key, (given) => (Number.isInteger(given) ? (given as number) : null), {
        min,
        max,
        what: "a whole number",
        show: String,
        ...(hint ? { hint } : {}),
      }),
    boolean(key) {
      const given = raw(key);
      if (given === undefined || typeof given === "boolean") return given ?? null;
      reject(
        key,
        `${place.setting}.${key} is ${format(given)}, which is neither true nor false.`,
        `Set it to true or false.`,
      );
      return null;
    },
    oneOf(key, values) {
      const given = raw(key);
      if (given === undefined) return null;
      const match = values.find((value) => value === given);
      if (match === undefined) {
        const list = values.map((value) => JSON.stringify(value)).join(", ");
        reject(key, `${place.setting}.${key} is ${format(given)}.`, `Set it to one of ${list}.`);
      }
      return match ?? null;
    },
    strings(key) {
      const given = raw(key);
      if (given === undefined) return null;
      const list = Array.isArray(given) ? given : [given];
      if (list.length > 0 && list.every((item) => typeof item === "string" && item !== "")) return list;
      reject(
        key,
        `${place.setting}.${key} is ${format(given)}.`,
        "Set it to a string, or to a list of strings.",
      );
      return null;
    },
    unknownKeys(given, known, prefix = "") {
      if (given === null || typeof given !== "object") return;
      for (const key of Object.keys(given)) {
        if (known.includes(key)) continue;
        const nearest = nearestName(key, known);
        const fix = nearest
          ? `Did you mean ${prefix}${nearest}?`
          : `Remove it, or use one of ${known.join(", ")}.`;
        reject(`${prefix}${key}`, `${place.setting} has no setting called ${prefix}${key}.`, fix);
      }
    },
  };
}

/** A value as it is shown in a message. */
export function format(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function showSeconds(seconds: number): string {
  if (seconds >= 86_400 && seconds % 86_400 === 0) return `"${seconds / 86_400}d"`;
  if (seconds >= 3_600 && seconds % 3_600 === 0) return `"${seconds / 3_600}h"`;
  return String(seconds);
}
