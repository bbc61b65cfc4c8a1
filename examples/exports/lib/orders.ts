import { setTimeout as sleep } from "node:timers/promises";

/** @returns the days of a month, "2026-10" say, as "2026-10-01"; none where it is no month */
export function daysOf(month: string): string[] {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return [];
  const [year = 0, number = 0] = month.split("-").map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from({ length: count }, (_, index) => `${month}-${String(index + 1).padStart(2, "0")}`);
}

/** In the place of a database that takes its time. */
export async function ordersOn(day: string, signal: AbortSignal): Promise<{ orders: number; total: number }> {
  await sleep(40, undefined, { signal });
  const orders = Number(day.slice(-2)) * 7;
  return { orders, total: orders * 19.9 };
}
