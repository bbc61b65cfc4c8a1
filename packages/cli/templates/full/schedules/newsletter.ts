import type { ScheduleConfig } from "queue-run";
import { queue as emails } from "#queues/emails.js";

/** To run it now: npx queue-run dev schedule newsletter */
export const schedule = "mondays at 9:00";

export const config = { timezone: "UTC" } satisfies ScheduleConfig;

export default async function () {
  await emails.push({ to: "everybody@example.com", text: "The week's news" });
}
