import { describe, expect, test } from "vitest";
import type { QueueLink } from "../config/instance.js";
import { resolveDue } from "./delay.js";

const NOW = Date.UTC(2027, 0, 1, 12, 0, 0);
const link: QueueLink = {
  name: "q",
  fifo: false,
  physicalName: "q",
  deadLetterPhysicalName: "q-dlq",
  jobs: null,
  maxPayloadBytes: null,
  track: false,
};

describe("when a push is due", () => {
  test.each([
    [{}, 0],
    [{ delay: 0 }, 0],
    [{ delay: 1 }, 1],
    [{ delay: "500ms" }, 1],
    [{ delay: 1.2 }, 2],
    [{ delay: "15m" }, 900],
    [{ at: new Date(NOW + 1) }, 1],
    [{ at: new Date(NOW + 60_000) }, 60],
    [{ at: new Date(NOW - 1) }, 0],
    [{ at: "2027-01-01T12:00:30Z" }, 30],
    [{ at: "2027-01-01T13:00:30+01:00" }, 30],
    [{ at: "1999-12-31" }, 0],
    [{ at: "2024-02-29T00:00:00Z" }, 0],
  ])("%j is %i whole seconds from now, never early", (options, seconds) => {
    expect(resolveDue(link, options, NOW).delaySeconds).toBe(seconds);
  });

  test("the exact time travels along", () => {
    const due = { delaySeconds: 2, byScheduler: false, dueAt: NOW + 1_500 };
    expect(resolveDue(link, { delay: "1500ms" }, NOW)).toEqual(due);
    expect(resolveDue(link, {}, NOW).dueAt).toBeNull();
  });

  test.each([
    [{ delay: 365 * 86_400 + 1 }, "QR_DELAY_TOO_LONG"],
    [{ at: "2029-01-01" }, "QR_DELAY_TOO_LONG"],
    [{ at: "2027-02-29" }, "QR_INVALID_DATE"],
    [{ at: "2027-13-01" }, "QR_INVALID_DATE"],
    [{ at: "01/02/2027" }, "QR_INVALID_DATE"],
    [{ at: 1_900_000_000_000 }, "QR_INVALID_DATE"],
    [{ delay: Number.POSITIVE_INFINITY }, "QR_INVALID_DELAY"],
    [{ delay: "300" }, "QR_INVALID_DELAY"],
    [{ delay: true }, "QR_INVALID_DELAY"],
  ])("%j is refused as %s", (options, code) => {
    expect(() => resolveDue(link, options, NOW)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    [{ delay: "15m" }, false],
    [{ delay: 900.001 }, true],
    [{ delay: "365d" }, true],
    [{ at: new Date(NOW + 901_000) }, true],
  ])("%j on a standard queue is the Scheduler's: %s", (options, byScheduler) => {
    const due = resolveDue(link, options, NOW);
    expect(due.byScheduler).toBe(byScheduler);
    if (byScheduler) expect(due.delaySeconds).toBe(0);
  });

  test("every delay on a FIFO queue is the Scheduler's, but a time past is now", () => {
    const fifo = { ...link, fifo: true };
    const now = { delaySeconds: 0, byScheduler: false, dueAt: null };
    expect(resolveDue(fifo, { at: new Date(NOW - 1) }, NOW)).toEqual(now);
    expect(resolveDue(fifo, { delay: "500ms" }, NOW)).toEqual({
      delaySeconds: 0,
      byScheduler: true,
      dueAt: NOW + 500,
    });
  });
});
