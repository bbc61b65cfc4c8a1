import { expect, test } from "vitest";
import { hasWholeHours, timeZoneFault, timeZoneOffsetMs } from "./time-zones.js";

test.each([
  "UTC",
  "Europe/Berlin",
  "America/Argentina/Buenos_Aires",
  "Asia/Kolkata",
  "US/Eastern",
  "Etc/GMT+5",
])("%s is a time zone", (name) => {
  expect(timeZoneFault(name)).toBeNull();
});

test.each([
  ["Europe/Berln", "Europe/Berlin"],
  ["europe/berlin", "Europe/Berlin"],
  ["utc", "UTC"],
])("%s is taken for %s", (name, meant) => {
  expect(timeZoneFault(name)).toMatchObject({ fix: expect.stringContaining(`"${meant}"`) });
});

test.each(["", "+02:00", "Mars/Olympus_Mons_Crater"])('"%s" is none', (name) => {
  expect(timeZoneFault(name)).toMatchObject({ fix: expect.stringContaining("IANA") });
});

test("by how much clocks are ahead", () => {
  const hours = (zone: string, at: string) => timeZoneOffsetMs(zone, Date.parse(at)) / 3_600_000;
  expect(hours("Europe/Berlin", "2026-01-01T00:00:00Z")).toBe(1);
  expect(hours("Europe/Berlin", "2026-07-01T00:00:00.250Z")).toBe(2);
  expect(hours("America/New_York", "2026-01-01T00:00:00Z")).toBe(-5);
  expect(hours("Asia/Kolkata", "2026-01-01T00:00:00Z")).toBe(5.5);
});

test("whose clocks show the minutes that UTC's do", () => {
  const zones = ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu"];
  expect(zones.map(hasWholeHours)).toEqual([true, true, false, false, false]);
});
