import type { SocketEvent } from "queue-run";

/** The page only listens. Whoever writes is told who they are. */
export default function ({ user }: SocketEvent) {
  return { user: user?.id ?? null };
}
