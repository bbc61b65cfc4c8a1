import type { HttpRequest } from "queue-run";
import { isSignatureOf } from "#lib/signature.js";

/** What a subscriber does with a webhook, to try it out: it looks at the signature, and is down every now and then. */
export async function post({ headers, request }: HttpRequest) {
  const body = await request.text();
  const id = headers["webhook-id"] ?? "";
  if (!isSignatureOf(headers["webhook-signature"] ?? "", id, body)) throw new Response(null, { status: 401 });
  if (headers["webhook-attempt"] === "1") throw new Response("Not now", { status: 503 });
  console.log("Webhook %s: %s", id, body);
}
