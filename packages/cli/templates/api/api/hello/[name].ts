import type { HttpRequest } from "queue-run";

type Hello = HttpRequest<unknown, { name: string }>;

export function get({ params, query }: Hello) {
  return { hello: params.name, query };
}

export function post({ params, body }: Hello) {
  return { hello: params.name, you: { sent: body } };
}
