import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../project/manifest.js";
import { prepareOutputFolder, readIfThere } from "../project/output-folder.js";

/** Where the declarations are, from the root. A tsconfig.json that extends "queue-run/tsconfig.json" includes it. */
export const TYPES_FILE = ".queue-run/types.d.ts";

/**
 * The declarations that let `queues("emails")` know the queue's payload and whether it is FIFO. Types come from the
 * file's `queue` reference where it exports one, else from the first parameter of its handler.
 *
 * @returns the text of .queue-run/types.d.ts; the same manifest gives the same text
 */
export function typeDeclarations({ queues }: Pick<Manifest, "queues">): string {
  const lines = [...queues]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, file, fifo }) => {
      const module = `typeof import(${JSON.stringify(`../${importPath(file)}`)})`;
      return `    ${JSON.stringify(name)}: { payload: PayloadOf<${module}>; result: ResultOf<${module}>; fifo: ${fifo} };`;
    });
  return `${HEADER}\ndeclare global {\n  interface QueueRunQueues {\n${lines.join("\n")}${lines.length ? "\n" : ""}  }\n}\n`;
}

/**
 * Writes .queue-run/types.d.ts, when it changed.
 *
 * @returns its absolute path
 */
export function writeTypes(manifest: Pick<Manifest, "root" | "queues">): string {
  const path = join(manifest.root, TYPES_FILE);
  const text = typeDeclarations(manifest);
  prepareOutputFolder(manifest.root);
  if (readIfThere(path) !== text) writeFileSync(path, text);
  return path;
}

const HEADER = `// Written by queue-run from the files in queues/; do not edit. It tells queues("name") each queue's payload.
import type { BatchJob, FifoQueue, GroupedQueue, Queue } from "queue-run";

type AnyQueue<P, R> = Queue<P, R> | FifoQueue<P, R> | GroupedQueue<P, R>;

type PayloadOf<M> = M extends { queue: AnyQueue<infer P, infer _R> }
  ? P
  : M extends { default: (payload: infer P, ...rest: never) => unknown }
    ? P
    : M extends { batch: (jobs: (infer J)[], ...rest: never) => unknown }
      ? J extends BatchJob<infer P>
        ? P
        : unknown
      : unknown;

type ResultOf<M> = M extends { queue: AnyQueue<infer _P, infer R> } ? R : unknown;
`;

/** What TypeScript imports a file as: "queues/emails.js" for queues/emails.ts. */
function importPath(file: string): string {
  return file.replace(/\.([cm]?)tsx?$/, ".$1js").replace(/\.jsx$/, ".js");
}
