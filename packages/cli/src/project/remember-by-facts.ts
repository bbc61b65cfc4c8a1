import type { Problem } from "./manifest.js";
import type { SourceFacts } from "./source-facts.js";

/**
 * Remembers what was made of a file's facts, and what was wrong with them, for as long as the facts are the same
 * object: a save reads one file again, and the others need not be understood again.
 *
 * @param make - pure: depends on the file's name, its facts and `context` alone, and adds to `problems`
 * @returns the same function, which adds the same problems each time
 */
export function rememberByFacts<Context, Result>(
  make: (file: string, facts: SourceFacts, context: Context, problems: Problem[]) => Result,
): typeof make {
  const known = new WeakMap<
    SourceFacts,
    { file: string; context: Context; result: Result; problems: Problem[] }
  >();
  return (file, facts, context, problems) => {
    let entry = known.get(facts);
    if (entry?.file !== file || entry.context !== context) {
      const found: Problem[] = [];
      entry = { file, context, result: make(file, facts, context, found), problems: found };
      known.set(facts, entry);
    }
    problems.push(...entry.problems);
    return entry.result;
  };
}
