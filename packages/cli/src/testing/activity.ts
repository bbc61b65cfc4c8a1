/** What is under way in a project, so that it is known when nothing is. */
export type Activity = {
  /** Follows something until it has ended. Returns it. */
  follow<T>(promise: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, and nothing has begun for some turns of the event loop. */
  settled(): Promise<void>;
};

/**
 * Turns of the event loop without anything new after which there is nothing more to come: a message travels from the
 * broker's journal to its receiver, and a push from its handler to the broker, in fewer.
 */
const QUIET_TURNS = 6;

const nextTurn = setImmediate;

/** Begins with nothing under way. */
export function createActivity(): Activity {
  let underWay = 0;
  let begun = 0;
  let wake = (): void => {};

  function ended(): void {
    underWay--;
    if (underWay === 0) wake();
  }

  return {
    follow(promise) {
      underWay++;
      begun++;
      promise.then(ended, ended);
      return promise;
    },
    async settled() {
      let quietTurns = 0;
      while (quietTurns < QUIET_TURNS) {
        if (underWay > 0)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        const before = begun;
        await new Promise((resolve) => nextTurn(resolve));
        quietTurns = begun === before && underWay === 0 ? quietTurns + 1 : 0;
      }
    },
  };
}
