import { afterEach, expect, test } from "vitest";
import { readProject } from "../project/read-project.js";
import { type TemporaryProject, temporaryProject } from "../project/temporary-project.js";
import { bundleEntries, type FunctionEntry } from "./bundle-entries.js";
import { queueEntry } from "./function-entries.js";

const FILES = {
  "lib/shared.ts":
    'export const shared = (text: string) => "shared " + text;\nexport const unused = "unused";\n',
  "lib/later.ts": 'export const later = "later";\n',
  "queues/one.ts":
    'import { shared } from "#lib/shared.js"; export default (text: string) => console.log(shared(text));',
  "queues/two.ts":
    'import { shared, unused } from "#lib/shared.js"; export default () => console.log(shared("b"), unused);',
  "queues/later.ts": 'export default async () => console.log((await import("#lib/later.js")).later);',
};

let project: TemporaryProject;
afterEach(() => project.dispose());

test("a function that is built with others is the same, to the byte, as one that is built alone", async () => {
  project = temporaryProject(FILES);
  const reading = await readProject(project.root, { stage: "prod" });
  if ("problems" in reading) throw new Error(reading.problems.map(({ message }) => message).join("\n"));
  const { manifest } = reading;
  const entries: FunctionEntry[] = manifest.queues.map((queue) => ({
    id: `queue:${queue.name}`,
    kind: "queue",
    folder: project.path(queue.name),
    text: queueEntry(queue, manifest, project.path),
  }));
  const contentsOf = async (some: readonly FunctionEntry[]) => {
    const built = await bundleEntries(manifest, some);
    return [...built].map(([{ id }, { outputFiles, metafile }]) => ({
      id,
      files: Object.fromEntries(outputFiles.map(({ path, text }) => [path, text])),
      inputs: Object.keys(metafile.inputs).sort(),
      outputs: Object.keys(metafile.outputs).sort(),
    }));
  };
  const together = await contentsOf(entries);
  const alone = await Promise.all(entries.map((entry) => contentsOf([entry])));
  expect(together).toEqual(alone.flat());
  expect(together.map(({ id }) => id)).toEqual(["queue:later", "queue:one", "queue:two"]);
  const [, one] = together;
  expect(one?.inputs).toContain("lib/shared.ts");
  expect(one?.inputs).not.toContain("lib/later.ts");
}, 60_000);
