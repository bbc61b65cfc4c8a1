import { statusWithoutJobId } from "../errors/http-errors.js";
import { readRecord, toJobStatus } from "../records/job-status.js";
import type { HttpContext } from "./http-context.js";
import { problemReply } from "./problem-reply.js";
import { HttpReply } from "./reply.js";

const NOT_STORED = { "cache-control": "no-store" };

/**
 * What `export const get = queue.statusHttp` answers: the status of the job that the path names. To whom the job is none of
 * his business, there is no such job.
 *
 * @throws QR_JOB_ID_REQUIRED where the path has no [jobId], QR_NOT_TRACKED, QR_RECORDS_UNREACHABLE
 */
export async function answerStatus(
  queueName: string,
  { params, user, event }: Pick<HttpContext, "params" | "user" | "event">,
): Promise<HttpReply> {
  const { jobId } = params;
  if (typeof jobId !== "string") throw statusWithoutJobId(queueName, event.rawPath);
  const record = await readRecord(queueName, jobId, "A job's status");
  const isTheirs = record && (record.userId === null || (user && String(user.id) === record.userId));
  if (!isTheirs) return problemReply(404, "There is no such job", NOT_STORED);
  const { error, ...status } = toJobStatus(record);
  const shown = { ...status, error: error && { name: error.name, message: error.message } };
  return HttpReply.json(200, shown, NOT_STORED);
}
