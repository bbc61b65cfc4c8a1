import type { Duration } from "../values/duration.js";
import type { Size } from "../values/size.js";
import type { IamStatement } from "./queue-config.js";

/** `export const config` of a file in schedules/. Every member is read without running the file. */
export type ScheduleConfig = {
  /** For one run, 1 to 890 seconds. Default 300. */
  timeout?: Duration;
  /** An IANA name, "Europe/Berlin", that the schedule's times are in. Default "UTC". */
  timezone?: string;
  /** What becomes of a run that falls due while the one before it goes on. Default "skip". */
  overlap?: "skip" | "allow";
  /** Attempts after the first, 0 to 2: what Lambda gives. Default 0. */
  retries?: number;
  /** The function's memory: MB, or "1GB". Default: the project's. */
  memory?: number | Size;
  /** IAM statements for this handler. */
  permissions?: IamStatement[];
};

/** A schedule's settings with every default filled in and every unit converted. */
export type ScheduleSettings = {
  timeoutSeconds: number;
  timezone: string;
  overlap: "skip" | "allow";
  retries: number;
  memoryMegabytes: number | null;
  permissions: IamStatement[];
};

/** @returns the defaults of the contract, as a fresh object */
export function defaultScheduleSettings(): ScheduleSettings {
  return {
    timeoutSeconds: 300,
    timezone: "UTC",
    overlap: "skip",
    retries: 0,
    memoryMegabytes: null,
    permissions: [],
  };
}
