import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../project/manifest.js";
import { prepareOutputFolder, readIfThere } from "../project/output-folder.js";

/** Where the declarations are, from the root. A tsconfig.json that extends "queue-run/tsconfig.json" includes it. */
export const TYPES_FILE = ".queue-run/types.d.ts";

/** What of a manifest the declarations tell. */
type TypedManifest = Pick<Manifest, "queues" | "routes">;

/**
 * The declarations that let `queues("emails")` know the queue's payload, its handler's result, its named jobs and whether
 * it is FIFO, and let editors complete the paths that `url` is given. Types come from the file's `queue` reference where
 * that says them, else from its handlers.
 *
 * @returns the text of .queue-run/types.d.ts; the same manifest gives the same text
 */
export function typeDeclarations({ queues, routes }: TypedManifest): string {
  const ofQueues = [...queues]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, file, fifo, jobs }) => {
      const module = `typeof import(${JSON.stringify(`../${importPath(file)}`)})`;
      const names = jobs.map((job) => JSON.stringify(job)).join(" | ") || "never";
      return `    ${JSON.stringify(name)}: QueueOf<${module}, ${fifo}, ${names}>;`;
    });
  const ofRoutes = routes.map(({ path }) => `    ${JSON.stringify(path)}: true;`).sort();
  const body = [...declare("QueueRunQueues", ofQueues), ...declare("QueueRunRoutes", ofRoutes)].join("\n");
  return `${HEADER}\ndeclare global {\n${body}\n}\n`;
}

function declare(name: string, members: string[]): string[] {
  return [`  interface ${name} {`, ...members, "  }"];
}

/**
 * Writes .queue-run/types.d.ts, when it changed.
 *
 * @returns its absolute path
 */
export function writeTypes(manifest: TypedManifest & Pick<Manifest, "root">): string {
  const path = join(manifest.root, TYPES_FILE);
  const text = typeDeclarations(manifest);
  prepareOutputFolder(manifest.root);
  if (readIfThere(path) !== text) writeFileSync(path, text);
  return path;
}

/** The types look at a handler's result only where it is asked for: see `ResultIn` of the runtime's queue types. */
const HEADER = `// Written by queue-run from the files in queues/ and api/; do not edit. It tells queues("name") what each queue takes and gives.
import type { BatchJob, FifoQueue, GroupedQueue, Queue } from "queue-run";

type AnyQueue<P, R> = Queue<P, R> | FifoQueue<P, R> | GroupedQueue<P, R>;

type QueueOf<M, F extends boolean, N extends string> = {
  payload: PayloadOf<M>;
  result: ResultOf<M>;
  fifo: F;
  jobs: { [K in N]: K extends "default" ? { payload: PayloadOf<M>; result: ResultOf<M> } : JobOf<M, K> };
};

type PayloadOf<M> = M extends { queue: AnyQueue<infer P, infer _R> }
  ? P
  : M extends { default: (payload: infer P, ...rest: never) => void }
    ? P
    : M extends { batch: (jobs: (infer J)[], ...rest: never) => void }
      ? J extends BatchJob<infer P>
        ? P
        : unknown
      : unknown;

type ResultOf<M> = M extends { queue: AnyQueue<infer _P, infer R> }
  ? unknown extends R
    ? Returned<M, "default">
    : R
  : Returned<M, "default">;

type JobOf<M, N> = {
  payload: N extends keyof M ? (M[N] extends (payload: infer P, ...rest: never) => void ? P : unknown) : unknown;
  result: Returned<M, N>;
};

type Returned<M, N> = N extends keyof M ? (M[N] extends (...args: never) => infer R ? Awaited<R> : unknown) : unknown;
`;

/** What TypeScript imports a file as: "queues/emails.js" for queues/emails.ts. */
function importPath(file: string): string {
  return file.replace(/\.([cm]?)tsx?$/, ".$1js").replace(/\.jsx$/, ".js");
}
