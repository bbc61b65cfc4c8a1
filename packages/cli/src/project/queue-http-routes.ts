import { parseRoutePath } from "@queue-run/runtime/http/route-path";
import { nearestName } from "@queue-run/runtime/names";
import type { Problem, QueueDefinition, RouteDefinition } from "./manifest.js";
import { problem } from "./problem.js";
import { stemOf } from "./project-files.js";
import type { QueueReference } from "./queue-reference.js";
import type { ExportFact, SourceFacts } from "./source-facts.js";

/**
 * Checks the routes that export `queue.http`: the queue must be there, and a FIFO queue needs a group, from the path
 * or from the reference. What cannot be seen without running code is left to the runtime, which checks it too.
 */
export function checkQueueHttp(
  routes: readonly RouteDefinition[],
  queues: readonly QueueDefinition[],
  facts: ReadonlyMap<string, SourceFacts>,
  problems: Problem[],
): void {
  const byName = new Map(queues.map((queue) => [queue.name, queue]));
  /** A queue whose file cannot be parsed has no definition, but it is not missing. */
  const hasFile = (name: string) =>
    [...facts.keys()].some((file) => file.startsWith("queues/") && stemOf(file) === name);
  const resolve = (reference: QueueReference) => resolveReference(reference, facts, byName);
  for (const route of routes) {
    for (const fact of facts.get(route.file)?.exports ?? []) {
      if (!fact.queue || fact.queue.member === "reference") continue;
      const { name, grouped } = resolve(fact.queue.reference);
      if (name === null) continue;
      const queue = byName.get(name);
      if (!queue) {
        if (!hasFile(name)) problems.push(noSuchQueue(route.file, fact, name, byName.keys()));
      } else if (fact.queue.member === "statusHttp") checkStatus(route, fact, queue, problems);
      else if (queue.fifo && !grouped && !parametersOf(route).includes("group")) {
        problems.push(
          problem(
            "QR_GROUP_REQUIRED",
            route.file,
            fact.at,
            `${queue.name} is a FIFO queue, so each job needs a group, and the path ${route.path} has none.`,
            `Move the file to, say, ${suggestedFile(route.file)}, or give every job one group: queue.group("all").http.`,
          ),
        );
      }
    }
  }
}

function checkStatus(
  route: RouteDefinition,
  fact: ExportFact,
  queue: QueueDefinition,
  problems: Problem[],
): void {
  if (!queue.settings.track) {
    problems.push(
      problem(
        "QR_NOT_TRACKED",
        route.file,
        fact.at,
        `The status of a job is known only where the queue is tracked, and ${queue.name} is not.`,
        `Add track: true to the config of ${queue.file}.`,
      ),
    );
  } else if (!parametersOf(route).includes("jobId")) {
    problems.push(
      problem(
        "QR_JOB_ID_REQUIRED",
        route.file,
        fact.at,
        `A status route needs the job's id, and the path ${route.path} has no [jobId].`,
        "Name the file or a folder above it [jobId].",
      ),
    );
  }
}

function parametersOf({ path }: RouteDefinition): string[] {
  const parsed = parseRoutePath(path);
  return parsed.ok ? parsed.route.parameters : [];
}

/** The queue that a reference ends at: through an import of its file, and of what that file exports. */
function resolveReference(
  reference: QueueReference,
  facts: ReadonlyMap<string, SourceFacts>,
  queues: ReadonlyMap<string, QueueDefinition>,
): { name: string | null; grouped: boolean } {
  const { from, grouped } = reference;
  if ("name" in from) return { name: from.name, grouped };
  if ("self" in from) return { name: null, grouped };
  const name = queueOfSpecifier(from.specifier);
  const queue = name === null ? undefined : queues.get(name);
  if (!queue) return { name, grouped };
  const exported = facts.get(queue.file)?.exports.find((fact) => fact.name === from.imported)?.queue;
  if (exported?.member !== "reference") return { name: null, grouped };
  const there = exported.reference.from;
  return {
    name: "name" in there ? there.name : queue.name,
    grouped: grouped || exported.reference.grouped,
  };
}

/** "#queues/x.fifo.js", "../queues/x.fifo.ts", "#/queues/x.fifo" → "x.fifo"; null for anything else. */
function queueOfSpecifier(specifier: string): string | null {
  const match = /^(?:#|#\/|~\/|@\/|\.{1,2}\/(?:.*\/)?)queues\/([^/]+)$/.exec(specifier);
  return match?.[1]?.replace(/\.(?:[cm]?[jt]s|[jt]sx)$/, "") ?? null;
}

function noSuchQueue(file: string, fact: ExportFact, name: string, known: Iterable<string>): Problem {
  const nearest = nearestName(name, known);
  return problem(
    "QR_QUEUE_NOT_FOUND",
    file,
    fact.at,
    `There is no queue called ${name}.`,
    nearest ? `Did you mean ${nearest}?` : `Add queues/${name}.ts, or use the name of a file in queues/.`,
  );
}

function suggestedFile(file: string): string {
  const dot = file.lastIndexOf(".");
  return file.endsWith("/index.ts")
    ? file.replace(/index\.ts$/, "[group].ts")
    : `${file.slice(0, dot)}/[group]${file.slice(dot)}`;
}
