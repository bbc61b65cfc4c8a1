import type { Manifest } from "../project/manifest.js";
import type { BundleResult } from "./bundle-options.js";
import { toBundledQueue } from "./bundled-queue.js";
import type { SourceUses } from "./source-uses.js";

/** What an entry point calls the queues that its function knows of: its first line declares it. */
export const KNOWN_QUEUES = "queueRunQueues";

const ENTRY_FILE = /(?:^|[\\/])index\.mjs$/;

/**
 * Tells a function of the queues that it can have to do with, and of no others: a queue more is then other code for those
 * functions alone that use it. Its first line was the banner's, so that source maps stay as they are.
 *
 * @param id - of the function
 * @param uses - what its source does
 */
export function declareQueues<R extends BundleResult>(
  result: R,
  id: string,
  uses: SourceUses,
  { queues }: Pick<Manifest, "queues">,
): R {
  const known = queues.filter(
    ({ name, settings }) =>
      uses.queues === "all" ||
      uses.queues.has(name) ||
      id === `queue:${name}` ||
      (uses.cancelsAny && settings.track),
  );
  const declaration = `const ${KNOWN_QUEUES}=${JSON.stringify(known.map(toBundledQueue))};`;
  const outputFiles = result.outputFiles.map((file) => {
    if (!ENTRY_FILE.test(file.path)) return file;
    const text = declaration + file.text;
    return { ...file, text, contents: Buffer.from(text) };
  });
  return { ...result, outputFiles };
}
