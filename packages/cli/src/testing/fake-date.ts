/**
 * Has `Date` tell another time, everywhere in this process.
 *
 * @param now - milliseconds since 1970
 * @returns a function that has it tell the real time again
 */
export function fakeDate(now: () => number): () => void {
  const RealDate = globalThis.Date;
  const FakeDate: DateConstructor = new Proxy(RealDate, {
    construct: (target, values, newTarget) =>
      Reflect.construct(
        target,
        values.length === 0 ? [now()] : values,
        newTarget === FakeDate ? target : newTarget,
      ),
    apply: (target) => new target(now()).toString(),
    get: (target, key, receiver) => (key === "now" ? now : Reflect.get(target, key, receiver)),
  });
  globalThis.Date = FakeDate;
  return () => {
    // Somebody else's, by now: it is theirs to take back.
    if (globalThis.Date === FakeDate) globalThis.Date = RealDate;
  };
}
