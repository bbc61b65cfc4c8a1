import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock/clock.js";
import type { LocalScheduler, LocalSchedulerOptions } from "../../local-scheduler/local-scheduler.js";
import type { Storage } from "../../local-sqs/storage/storage.js";
import type { Service, ServiceAnswer } from "./service.js";

/** The Scheduler's group of delayed messages in development, and the role that it would send them with. */
export const LOCAL_DELAYS = {
  scheduleGroup: "queue-run-dev",
  roleArn: "arn:aws:iam::000000000000:role/queue-run-dev",
  deadLetterArn: null,
};

/** @returns whether a path is of the Scheduler's API */
export function isSchedulerPath(path: string): boolean {
  return /^\/schedules(?:\/|$)/.test(path);
}

export type DelaysService = {
  ask: Service;
  /** Sends what has fallen due while no server ran, if anything was left. */
  prepare(): void;
  close(): Promise<void>;
};

/**
 * EventBridge Scheduler for the dev server's own workers, opened when it is first needed.
 *
 * @param openStorage - where schedules are kept
 * @param isEmpty - whether nothing can be kept there yet
 * @param send - sends a message that has fallen due
 * @param onUndelivered - told of one that was not taken, the first time
 * @param onInternalError - told of errors that are not the caller's
 */
export function delaysService({
  openStorage,
  isEmpty,
  clock,
  send,
  onUndelivered,
  onInternalError,
}: {
  openStorage: () => Promise<Storage>;
  isEmpty: () => boolean;
  clock: Clock;
  send: LocalSchedulerOptions["send"];
  onUndelivered: LocalSchedulerOptions["onFailure"];
  onInternalError: (error: unknown) => void;
}): DelaysService {
  let opening: Promise<LocalScheduler> | null = null;
  let isClosed = false;

  async function open(): Promise<LocalScheduler> {
    const [storage, { openScheduler }] = await Promise.all([
      openStorage(),
      import("../../local-scheduler/local-scheduler.js"),
    ]);
    const groupName = LOCAL_DELAYS.scheduleGroup;
    return openScheduler({ storage, clock, groupName, send, onFailure: onUndelivered });
  }

  function scheduler(): Promise<LocalScheduler> {
    if (isClosed) return Promise.reject(new Error("The dev server stops"));
    opening ??= open();
    return opening;
  }

  return {
    async ask({ rest, body }) {
      try {
        if (!rest) throw new Error("The Scheduler speaks REST");
        const [opened, { answerSchedulerRequest }] = await Promise.all([
          scheduler(),
          import("../../local-scheduler/rest.js"),
        ]);
        return withRequestId(await answerSchedulerRequest(opened, rest, body));
      } catch (error) {
        if (!isClosed) onInternalError(error);
        const headers = { "content-type": "application/json", "x-amzn-errortype": "InternalServerException" };
        return withRequestId({ status: 500, headers, body: JSON.stringify({ Message: String(error) }) });
      }
    },
    prepare: () => {
      if (!isEmpty()) scheduler().catch(onInternalError);
    },
    async close() {
      isClosed = true;
      const opened = await opening?.catch(() => null);
      await opened?.close();
    },
  };
}

function withRequestId({ status, headers, body }: ServiceAnswer): ServiceAnswer {
  return { status, headers: { ...headers, "x-amzn-requestid": randomUUID() }, body };
}
