import { instanceConfig } from "../config/instance.js";
import type { ScheduleLease } from "./schedule-lease.js";

/**
 * A schedule's lease in the table of the stage that this instance serves. What speaks to DynamoDB is loaded when it is
 * first asked for.
 *
 * @returns null where there is no table: in development, where the server itself keeps runs apart
 */
export async function instanceLease(scheduleName: string): Promise<ScheduleLease | null> {
  const instance = instanceConfig();
  if (!instance?.table || instance.stage === "dev") return null;
  const { connectTable, leaseInTable } = await import("../aws/on-first-call.js");
  return leaseInTable({
    client: connectTable(instance, instance.table),
    table: instance.table.name,
    scheduleName,
    now: instance.now ?? Date.now,
  });
}
