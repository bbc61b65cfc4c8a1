import { join } from "node:path";
import { bundleFunctions } from "../../packages/cli/src/build/bundle-functions.js";
import {
  type FunctionPackage,
  packageFunctions,
} from "../../packages/cli/src/build/package/package-functions.js";
import type { Manifest } from "../../packages/cli/src/project/manifest.js";
import { readProject } from "../../packages/cli/src/project/read-project.js";

/** A project as it would be uploaded. */
export type PackagedProject = {
  manifest: Manifest;
  packages: FunctionPackage[];
  /** @param id - "api", "queue:emails" */
  zipOf: (id: string) => Uint8Array;
};

/** @param folder - the project's, absolute */
export async function packageProject(folder: string, { stage = "test" } = {}): Promise<PackagedProject> {
  const reading = await readProject(folder, { stage });
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems, null, 2));
  const { manifest } = reading;
  const packages = await packageFunctions(await bundleFunctions(manifest, join(folder, "out")), manifest);
  return {
    manifest,
    packages,
    zipOf(id) {
      const found = packages.find((each) => each.id === id);
      if (!found) throw new Error(`There is no function ${id} among ${packages.map((each) => each.id)}`);
      return found.zip;
    },
  };
}
