import type { Life, World } from "./world.js";

/** Whoever asks a server for something: code in it goes on only while it is there, and is not blocked. */
export type Asker = Life & { name: string; enter(callback: () => void): void };

/** Asks for something to be done. */
export type Request = <T>(label: string, perform: () => Promise<T>) => Promise<T>;

/**
 * How requests travel between processes: they and their answers arrive in any order, some never; what was sent before the
 * asker ended arrives all the same.
 *
 * @param onLost - a request, or its answer, is lost
 */
export function requestsOf(world: World, server: Life, asker: Asker, onLost: () => void): Request {
  const losesRequests = () => !world.calm && world.faults.lostRequests && world.chance(0.01);
  return (label, perform) =>
    new Promise((resolve, reject) => {
      if (!asker.alive) return;
      const answer = (what: string, end: () => void) =>
        world.send(`${asker.name} hears: ${label} ${what}`, asker, () => asker.enter(end));
      const lose = () => {
        onLost();
        answer("lost", () => reject(new Error("simulated: the connection was reset")));
      };
      world.send(`${asker.name} asks: ${label}`, server, () => {
        if (losesRequests()) {
          lose();
          return;
        }
        perform().then(
          (value) => {
            if (!server.alive) return;
            if (losesRequests()) lose();
            else answer("done", () => resolve(value));
          },
          (error: unknown) => server.alive && answer("refused", () => reject(error)),
        );
      });
    });
}
