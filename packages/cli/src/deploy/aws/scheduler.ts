import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { defineService } from "./service.js";

/** EventBridge Scheduler. Creating, updating and deleting schedules: 250 a second or more. User Guide, "Quotas". */
export const scheduler = defineService({
  service: "scheduler",
  callsPerSecond: 50,
  create: (settings) => new SchedulerClient(settings),
});
