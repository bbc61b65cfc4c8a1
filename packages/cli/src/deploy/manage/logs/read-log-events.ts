import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { orNull } from "../../aws/aws-failure.js";
import type { Aws } from "../../aws/connect.js";
import { logs } from "../../aws/logs.js";
import type { LogEvent, ReadLogEvents } from "./follow-logs.js";

/**
 * @param text - only lines that have it, such as a job's id; null: every line
 * @returns how to read a log group; one that is not there yet, since nothing has run, has no events
 */
export function logEventsOf(aws: Aws, text: string | null): ReadLogEvents {
  const pattern = text === null ? {} : { filterPattern: `"${text.replaceAll(/["\\]/g, "\\$&")}"` };
  return async (logGroupName, startTime) => {
    const events: LogEvent[] = [];
    let nextToken: string | undefined;
    do {
      const command = new FilterLogEventsCommand({ logGroupName, startTime, nextToken, ...pattern });
      const answer = await orNull(logs(aws).send(command));
      for (const { eventId = "", timestamp = 0, message = "" } of answer?.events ?? [])
        events.push({ eventId, timestamp, message });
      nextToken = answer?.nextToken;
    } while (nextToken !== undefined);
    return events;
  };
}
