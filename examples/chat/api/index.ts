import { socket } from "queue-run";
import { page } from "#lib/page.js";

export const get = () =>
  new Response(page(socket.url), { headers: { "content-type": "text/html; charset=utf-8" } });
