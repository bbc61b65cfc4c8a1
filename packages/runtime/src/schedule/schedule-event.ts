/** What the default export of a file in schedules/ is called with. */
export type ScheduleEvent = {
  /** The schedule's name: "cleanup" for schedules/cleanup.ts. */
  name: string;
  /** Tells this run apart; an attempt after a failure has the same. */
  jobId: string;
  /** The schedule as standard cron, or as it stands in the file where cron cannot say it. */
  cron: string;
  /** Aborts when the run's time is up, and when the handler has ended. */
  signal: AbortSignal;
  /** When the run was due. */
  scheduledAt: Date;
};

/** The default export of a file in schedules/. Returning is done, throwing is a failure. */
export type ScheduleHandler = (event: ScheduleEvent) => unknown;
