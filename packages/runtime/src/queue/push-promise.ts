/** Whether anybody would hear of a push that failed. Shared by the promise of a push and all that derive from it. */
export type Observation = { observed: boolean };

/**
 * The promise of a push. It knows whether somebody waits for its failure, and never becomes an unhandled rejection:
 * what nobody observed is reported by the handler it belongs to (see push-tracker.ts).
 *
 * `await`, `catch` and the combinators of Promise observe it; `then` with a single function and `finally` do not, and
 * what they return is such a promise again.
 */
export class PushPromise<T> extends Promise<T> {
  #observation: Observation = { observed: false };

  /** Promises that derive from this one are made by the methods below. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** @returns a promise that settles as `promise` does */
  static from<T>(promise: Promise<T>, observation: Observation): PushPromise<T> {
    const push = new PushPromise<T>((resolve, reject) => promise.then(resolve, reject));
    push.#observation = observation;
    push.#silence();
    return push;
  }

  // biome-ignore lint/suspicious/noThenProperty: a subclass of Promise has to say when it is awaited
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (typeof onRejected === "function") {
      this.#observation.observed = true;
      return super.then(onFulfilled, onRejected);
    }
    return PushPromise.from(super.then(onFulfilled, onRejected), this.#observation);
  }

  override finally(onFinally?: (() => void) | null): Promise<T> {
    if (typeof onFinally !== "function") return this.then();
    const settled = super.then(
      (value) => Promise.resolve(onFinally()).then(() => value),
      (reason: unknown) => Promise.resolve(onFinally()).then(() => Promise.reject(reason)),
    );
    return PushPromise.from(settled, this.#observation);
  }

  #silence(): void {
    super.then(undefined, () => {});
  }
}
