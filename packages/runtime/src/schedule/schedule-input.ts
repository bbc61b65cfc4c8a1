/** What EventBridge Scheduler sends to a schedule's function: the `Input` of its target, which is ours to say. */
export type ScheduleInput = {
  /** The schedule's name. */
  schedule: string;
  /** ISO 8601: when this run was due. */
  scheduledAt: string;
  executionId: string;
  /**
   * Days of the month, in a time zone, that another expression of the same schedule runs on: this one leaves them
   * alone. It takes two of AWS's expressions to say one of cron's that gives both day fields.
   */
  except?: { daysOfMonth: number[]; timezone: string };
  /** Which attempt this is, from 1: development says so; Lambda does not. */
  attempt?: number;
};

/** Scheduler puts the values in their place. Scheduler User Guide, "Adding context attributes". */
const SCHEDULED_TIME = "<aws.scheduler.scheduled-time>";
const EXECUTION_ID = "<aws.scheduler.execution-id>";

/** @returns the `Input` of a schedule's target, in JSON */
export function scheduleInput(schedule: string, except: ScheduleInput["except"] | null = null): string {
  const input: ScheduleInput = {
    schedule,
    scheduledAt: SCHEDULED_TIME,
    executionId: EXECUTION_ID,
    ...(except && { except }),
  };
  return JSON.stringify(input);
}

/** What an invocation of a schedule's function is asked for. */
export type ScheduledRun = {
  jobId: string;
  scheduledAt: Date;
  attempt: number | null;
  except: NonNullable<ScheduleInput["except"]> | null;
};

/**
 * Reads what a schedule's function was invoked with. Anything may invoke it: what is missing, or was not put in its
 * place, is taken from the invocation itself.
 *
 * @param requestId - of the invocation; Lambda's retries of one keep it
 * @param nowMs - milliseconds since 1970
 */
export function readScheduleInput(event: unknown, requestId: string, nowMs: number): ScheduledRun {
  const input: Partial<Record<keyof ScheduleInput, unknown>> =
    typeof event === "object" && event !== null ? event : {};
  const { scheduledAt, executionId, except, attempt } = input;
  const dueMs = typeof scheduledAt === "string" ? Date.parse(scheduledAt) : Number.NaN;
  const hasId = typeof executionId === "string" && /^[\w-]+$/.test(executionId);
  return {
    jobId: hasId ? executionId : requestId,
    scheduledAt: new Date(Number.isNaN(dueMs) ? nowMs : dueMs),
    attempt: typeof attempt === "number" && attempt >= 1 ? attempt : null,
    except: isExcept(except) ? except : null,
  };
}

function isExcept(value: unknown): value is NonNullable<ScheduleInput["except"]> {
  return (
    typeof value === "object" &&
    value !== null &&
    "daysOfMonth" in value &&
    Array.isArray(value.daysOfMonth) &&
    "timezone" in value &&
    typeof value.timezone === "string"
  );
}

/** @returns whether the run is another expression's */
export function isExcepted({ except, scheduledAt }: ScheduledRun): boolean {
  if (!except) return false;
  const { timezone: timeZone, daysOfMonth } = except;
  const day = new Intl.DateTimeFormat("en-US", { timeZone, day: "numeric" }).format(scheduledAt);
  return daysOfMonth.includes(Number(day));
}
