import { describe, expect, test } from "vitest";
import { testDesired } from "../testing/test-project.js";
import { switchOrder } from "./switch-order.js";

/** What is switched before each function, by what each pushes to. */
function order(pushes: Record<string, string[]>, isGoingBack = false): Record<string, string[]> {
  const sources = Object.fromEntries(
    Object.entries(pushes).map(([id, names]) => [
      id,
      `import { queues } from "queue-run"; ${names.map((name) => `queues("${name}");`).join("")}`,
    ]),
  );
  const names = Object.keys(pushes).flatMap((id) => /^queue:(.*)/.exec(id)?.[1] ?? []);
  const { functions } = testDesired({
    queues: Object.fromEntries(names.map((name) => [name, {}])),
    routes: { "/": {} },
    sources,
  });
  const before = switchOrder(functions, isGoingBack);
  return Object.fromEntries(functions.map((fn) => [fn.id, before(fn).map(({ id }) => id)]));
}

describe("consumers are switched before what pushes to them", () => {
  const CHAIN = { api: ["a"], "queue:a": ["b"], "queue:b": [] };
  test("along a chain", () => {
    expect(order(CHAIN)).toEqual({ api: ["queue:a"], "queue:a": ["queue:b"], "queue:b": [] });
  });

  test("going back, the other way round", () => {
    expect(order(CHAIN, true)).toEqual({ api: [], "queue:a": ["api"], "queue:b": ["queue:a"] });
  });

  test("those that push to each other, or to themselves, are switched together, before others", () => {
    const pushes = { api: ["a", "c"], "queue:a": ["a", "b"], "queue:b": ["a"], "queue:c": ["a"] };
    expect(order(pushes)).toEqual({
      api: ["queue:a", "queue:c"],
      "queue:a": [],
      "queue:b": [],
      "queue:c": ["queue:a"],
    });
  });
});
