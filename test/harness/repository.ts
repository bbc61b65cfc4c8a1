import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at the end. */
export const repository = fileURLToPath(new URL("../../", import.meta.url));

/** The command line's entry, as `npx queue-run` finds it. */
export const bin = fileURLToPath(new URL("../../packages/queue-run/bin/queue-run.js", import.meta.url));
