/** A refusal, as EventBridge Scheduler words it. */
export class SchedulerError extends Error {
  /** "ConflictException" */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const alreadyExists = (name: string): SchedulerError =>
  new SchedulerError("ConflictException", 409, `Schedule ${name} already exists.`);

export const noSuchSchedule = (name: string): SchedulerError =>
  new SchedulerError("ResourceNotFoundException", 404, `Schedule ${name} does not exist.`);

export const noSuchGroup = (name: string): SchedulerError =>
  new SchedulerError("ResourceNotFoundException", 404, `Schedule group ${name} does not exist.`);

export const invalid = (message: string): SchedulerError =>
  new SchedulerError("ValidationException", 400, message);
