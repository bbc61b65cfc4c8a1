import type { HttpRequest } from "queue-run";
import { openSession } from "#lib/sessions.js";

/** POST /session with `name`: signs in, with no password. How to ask for one: docs/authentication.md */
export async function post({ body }: HttpRequest<{ name?: string } | null>) {
  if (!body?.name) throw Response.json({ error: "name is missing" }, { status: 422 });
  const cookie = `session=${await openSession(body.name)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400`;
  return new Response(null, { status: 303, headers: { location: "/page", "set-cookie": cookie } });
}
