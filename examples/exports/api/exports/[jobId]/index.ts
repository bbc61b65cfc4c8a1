import type { HttpRequest } from "queue-run";
import { queue } from "#queues/exports.js";

type Request = HttpRequest<unknown, { jobId: string }>;

/** GET /exports/JOB: how far it is. */
export const get = queue.statusHttp;

/** DELETE /exports/JOB: it is not wanted any more. */
export async function del({ params }: Request) {
  const { cancelled } = await queue.cancel({ jobId: params.jobId });
  if (cancelled === 0) return new Response("It has started, or there is none", { status: 409 });
}
