import type { HttpRequest } from "queue-run";
import { queue } from "#queues/exports.js";

type Request = HttpRequest<unknown, { jobId: string }>;

/** GET /exports/JOB/file: waits a while for the export; 404 until it is there. */
export async function get({ params }: Request) {
  try {
    const csv = await queue.result(params.jobId, { timeout: "8s" });
    return new Response(csv, { headers: { "content-type": "text/csv; charset=utf-8" } });
  } catch {
    return new Response("Not here, or not yet", { status: 404 });
  }
}
