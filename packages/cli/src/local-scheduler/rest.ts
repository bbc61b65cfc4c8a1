import type { RestTarget } from "@queue-run/runtime/instance";
import type { LocalScheduler, StoredSchedule } from "./local-scheduler.js";
import { SchedulerError } from "./scheduler-error.js";

type Answer = { status: number; headers: Record<string, string>; body: string };

/** Most schedules of one page (EventBridge Scheduler API Reference, ListSchedules). */
const MAX_PAGE = 100;
const PATH = /^\/schedules(?:\/([^/]+))?$/;

/**
 * Answers a request of EventBridge Scheduler's API: CreateSchedule, GetSchedule, DeleteSchedule, ListSchedules.
 *
 * @throws what is not the caller's fault
 */
export async function answerSchedulerRequest(
  scheduler: LocalScheduler,
  { method, path, query = {} }: RestTarget,
  body: string,
): Promise<Answer> {
  const encoded = PATH.exec(path)?.[1];
  try {
    const name = encoded === undefined ? null : decodeURIComponent(encoded);
    const group = query.groupName ?? "default";
    if (name === null && method === "GET") return ok(toPage(scheduler, query));
    if (name !== null && method === "GET") return ok(toOutput(scheduler.get(name, group)));
    if (name !== null && method === "DELETE") {
      await scheduler.delete(name, group);
      return ok({});
    }
    if (name !== null && method === "POST") {
      const input = parse(body);
      await scheduler.create(name, input);
      return ok({ ScheduleArn: arnOf(name, String((input as { GroupName?: string }).GroupName)) });
    }
    throw new SchedulerError("ValidationException", 404, `There is no ${method} ${path} in development.`);
  } catch (error) {
    if (!(error instanceof SchedulerError)) throw error;
    return {
      status: error.status,
      headers: { "content-type": "application/json", "x-amzn-errortype": error.code },
      body: JSON.stringify({ Message: error.message }),
    };
  }
}

function ok(output: object): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(output),
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new SchedulerError("ValidationException", 400, "The body is not JSON.");
  }
}

function toOutput({ name, createdMs, body }: StoredSchedule): object {
  const { ClientToken: _, ...settings } = body;
  return {
    ...settings,
    Name: name,
    Arn: arnOf(name, body.GroupName),
    State: "ENABLED",
    CreationDate: createdMs / 1_000,
    LastModificationDate: createdMs / 1_000,
  };
}

function toPage(scheduler: LocalScheduler, query: Record<string, string>): object {
  const all = scheduler.list(query.ScheduleGroup ?? null, query.NamePrefix ?? "");
  const from = Number(query.NextToken ?? 0) || 0;
  const end = from + Math.min(Number(query.MaxResults ?? MAX_PAGE) || MAX_PAGE, MAX_PAGE);
  const Schedules = all.slice(from, end).map(({ name, createdMs, body }) => ({
    Name: name,
    Arn: arnOf(name, body.GroupName),
    GroupName: body.GroupName,
    State: "ENABLED",
    Target: { Arn: body.Target.Arn },
    CreationDate: createdMs / 1_000,
    LastModificationDate: createdMs / 1_000,
  }));
  return { Schedules, ...(end < all.length && { NextToken: String(end) }) };
}

function arnOf(name: string, groupName: string): string {
  return `arn:aws:scheduler:us-east-1:000000000000:schedule/${groupName}/${name}`;
}
