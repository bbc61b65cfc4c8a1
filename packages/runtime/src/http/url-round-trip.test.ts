import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalPath } from "./router.js";
import { ask } from "./testing/requests.js";
import { modelFind, shapeOf } from "./testing/route-model.js";
import { url } from "./url.js";

/** Names of folders and files. */
const text = fc.constantFrom(
  "a",
  "b",
  "ü",
  "x.y",
  "(z)",
  "st*r",
  "100%",
  "a%20b",
  "v1+v2",
  "@me",
  "~",
  "日本",
);
/** With "[]" where a parameter stands. */
const middle = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: fc.constantFrom("[]", "[]-[]", "[].json", "v[]", "[]to[].[]") },
);
const routePath = fc
  .tuple(fc.array(middle, { maxLength: 4 }), fc.constantFrom("", "", "[...rest]"))
  .map(([segments, rest]) => {
    let count = 0;
    const path = [...segments, ...(rest ? [rest] : [])].join("/").replaceAll("[]", () => `[p${count++}]`);
    return `/${path}`;
  });

/** What clients' addresses may hold: anything that is text, and is not taken away before it is sent. */
const value = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "x.y",
    "%2F",
    "%",
    "a/b",
    "a b",
    "+",
    "?#&=",
    "..x",
    "é",
    "😀",
    "-",
    "__proto__",
    "0",
  ),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 6 })
    .filter((each) => !/\p{Surrogate}/u.test(each) && each !== "." && each !== ".."),
);
const query = fc.dictionary(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }).filter(isText),
  fc.array(value, { minLength: 1, maxLength: 3 }),
  {
    maxKeys: 3,
  },
);

function isText(each: string): boolean {
  return !/\p{Surrogate}/u.test(each);
}

test("what url makes for a route, the router finds, with the same values, for every route of a random table", async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  console.log("SEED=%d", seed);
  let roundTrips = 0;
  const table = fc.uniqueArray(routePath, { selector: shapeOf, minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(table, fc.infiniteStream(value), query, async (paths, values, asked) => {
      const next = (): string => values.next().value ?? "x";
      const modules = Object.fromEntries(
        paths.map((path) => [
          path,
          {
            get: ({ params, query: given }: Found) => ({ path, params: { ...params }, query: { ...given } }),
          },
        ]),
      );
      for (const path of paths) {
        const params = valuesFor(path, next);
        const made = url(path, params, asked);
        const [pathname = ""] = made.split("?");
        const answer = await ask(modules, { path: made });
        expect([path, made, answer.status]).toEqual([path, made, 200]);
        const found = answer.json() as { path: string; params: object; query: object };
        // Another route may be nearer to these very values; a value with a dash may be cut at another dash.
        const best = modelFind(paths, canonicalPath(pathname) ?? "");
        if (found.path !== path) {
          expect([path, best]).toEqual([path, expect.arrayContaining([found.path])]);
          continue;
        }
        const rebuilt = url(path, found.params as typeof params, asked);
        expect(rebuilt).toBe(made);
        if (!/\][^/[]+\[/.test(path)) expect(found.params).toEqual(params);
        expect(found.query).toEqual(
          Object.fromEntries(
            Object.entries(asked).map(([name, all]) => [name, all.length > 1 ? all : all[0]]),
          ),
        );
        roundTrips++;
      }
    }),
    { seed, numRuns: 250 },
  );
  expect(roundTrips).toBeGreaterThan(500);
});

type Found = { params: Record<string, unknown>; query: Record<string, unknown> };

function valuesFor(path: string, next: () => string): Record<string, string | string[]> {
  const values: Record<string, string | string[]> = {};
  for (const [, name = ""] of path.matchAll(/\[([^\]]+)\]/g)) {
    if (name.startsWith("...")) values[name.slice(3)] = [next(), next(), next()];
    else values[name] = next();
  }
  return values;
}
