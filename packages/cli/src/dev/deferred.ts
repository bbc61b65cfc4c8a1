/** A promise that is resolved from outside. */
export type Deferred = { promise: Promise<void>; resolve: () => void; readonly done: boolean };

export function deferred(): Deferred {
  let done = false;
  let resolvePromise: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    resolvePromise = resolve;
  });
  return {
    promise,
    resolve() {
      done = true;
      resolvePromise();
    },
    get done() {
      return done;
    },
  };
}
