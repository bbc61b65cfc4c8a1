import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { LAMBDA_MAX_UNZIPPED_BYTES, LAMBDA_MAX_ZIP_BYTES } from "../../deploy/limits.js";
import { type PackageLimits, zipTooLargeError } from "../../errors/package-errors.js";
import type { Manifest, Problem } from "../../project/manifest.js";
import type { FunctionBundle } from "../function-bundle.js";
import { moveSources } from "../source-map-paths.js";
import type { SourceUses } from "../source-uses.js";
import { createExternalCollector, type ExternalPackages } from "./external-packages.js";
import { isBinaryName, lambdaMachine, type Machine } from "./native-binary.js";
import { binariesProblem } from "./native-parts.js";
import { codeSha256Of, createZipper, type ZipEntry } from "./zip.js";

/** What is uploaded for a function. */
export type FunctionPackage = {
  /** As in the bundle: "api", "queue:emails". */
  id: string;
  zip: Uint8Array<ArrayBuffer>;
  /** As Lambda computes it: base64 of the zip's SHA-256. */
  codeSha256: string;
  /** Lambda's Handler. */
  handler: "index.handler";
  /** Of the zip. */
  bytes: number;
  unzippedBytes: number;
  /** What its code does with queues and the socket. */
  uses: SourceUses;
  /** What a deploy can do in spite of: native parts for another machine. The same for every function that has it. */
  warnings: Problem[];
};

const LAMBDA_LIMITS: PackageLimits = {
  zipBytes: LAMBDA_MAX_ZIP_BYTES,
  unzippedBytes: LAMBDA_MAX_UNZIPPED_BYTES,
};

/**
 * Makes the zip of each function: its bundle with its source maps, and the packages that could not be bundled with
 * what those need. The same code gives the same bytes, on every machine and wherever the project is.
 *
 * @throws QueueRunError `QR_ZIP_TOO_LARGE` when Lambda would refuse one
 */
export async function packageFunctions(
  bundles: readonly FunctionBundle[],
  manifest: Manifest,
  limits: PackageLimits = LAMBDA_LIMITS,
): Promise<FunctionPackage[]> {
  const { root, settings } = manifest;
  const target = lambdaMachine(settings.architecture ?? "arm64");
  const collectExternals = createExternalCollector(manifest, target);
  const toZip = createZipper();
  const packages: FunctionPackage[] = [];
  for (const bundle of bundles) {
    const externals = await collectExternals(bundle.externals);
    const sources = sourcesOf(bundle, externals);
    const sizes = [...sources].map(([path, source]) => ({ path, bytes: statSync(source.path).size }));
    const unzippedBytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    if (unzippedBytes > limits.unzippedBytes) {
      throw zipTooLargeError({ id: bundle.id, kind: "unzipped", bytes: unzippedBytes, limits, files: sizes });
    }
    const zip = toZip(new Map([...sources].map(([path, source]) => [path, read(source, root)])));
    if (zip.length > limits.zipBytes) {
      throw zipTooLargeError({ id: bundle.id, kind: "zipped", bytes: zip.length, limits, files: sizes });
    }
    packages.push({
      id: bundle.id,
      zip,
      codeSha256: codeSha256Of(zip),
      handler: "index.handler",
      bytes: zip.length,
      unzippedBytes,
      uses: bundle.uses,
      warnings: [...externals.warnings, ...assetProblems(bundle, target)],
    });
  }
  return packages;
}

/** A file, and whether it is the bundle's own. */
type Source = { path: string; isBundled: boolean };

/** By path in the zip: the bundle's files are at its root. */
function sourcesOf({ file, files }: FunctionBundle, externals: ExternalPackages): Map<string, Source> {
  const sources = new Map<string, Source>();
  for (const name of files) sources.set(name, { path: join(dirname(file), name), isBundled: true });
  for (const [name, path] of externals.files) sources.set(name, { path, isBundled: false });
  return sources;
}

/** Maps' sources are relative to the project's root, as if that were the zip's: stacks say "/var/task/queues/x.ts". */
function read({ path, isBundled }: Source, root: string): ZipEntry {
  const bytes = readFileSync(path);
  if (!isBundled) return { bytes, executable: (statSync(path).mode & 0o111) !== 0 };
  return {
    bytes: path.endsWith(".map") ? moveSources(bytes, dirname(path), root) : bytes,
    executable: false,
  };
}

/** Native modules that the project's own code imports by their file, or a package that was bundled. */
function assetProblems({ file, files }: FunctionBundle, target: Machine): Problem[] {
  return files.filter(isBinaryName).flatMap((name) => {
    const problem = binariesProblem(name, [join(dirname(file), name)], target);
    return problem ? [problem] : [];
  });
}
