import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { LAMBDA_MAX_UNZIPPED_BYTES, LAMBDA_MAX_ZIP_BYTES } from "../../deploy/limits.js";
import { type PackageLimits, zipTooLargeError } from "../../errors/package-errors.js";
import type { Manifest, Problem } from "../../project/manifest.js";
import type { FunctionBundle } from "../bundle-functions.js";
import { moveSources } from "../source-map-paths.js";
import { codeSha256Of, type ZipEntry, zipFiles } from "./zip.js";

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
  /** The files that the bundle was made from: relative to the root, sorted. */
  inputs: string[];
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
  return bundles.map((bundle) => {
    const sources = filesOf(bundle);
    const sizes = [...sources].map(([path, file]) => ({ path, bytes: statSync(file).size }));
    const unzippedBytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    if (unzippedBytes > limits.unzippedBytes) {
      throw zipTooLargeError({ id: bundle.id, kind: "unzipped", bytes: unzippedBytes, limits, files: sizes });
    }
    const zip = zipFiles(new Map([...sources].map(([path, file]) => [path, read(file, manifest.root)])));
    if (zip.length > limits.zipBytes) {
      throw zipTooLargeError({ id: bundle.id, kind: "zipped", bytes: zip.length, limits, files: sizes });
    }
    return {
      id: bundle.id,
      zip,
      codeSha256: codeSha256Of(zip),
      handler: "index.handler",
      bytes: zip.length,
      unzippedBytes,
      inputs: bundle.inputs,
      warnings: [],
    };
  });
}

/** Absolute paths, by path in the zip: the bundle's files are at its root. */
function filesOf({ file, files }: FunctionBundle): Map<string, string> {
  return new Map(files.map((name) => [name, join(dirname(file), name)]));
}

/** Maps' sources are relative to the project's root, as if that were the zip's: stacks say "/var/task/queues/x.ts". */
function read(file: string, root: string): ZipEntry {
  const bytes = readFileSync(file);
  return {
    bytes: file.endsWith(".map") ? moveSources(bytes, dirname(file), root) : bytes,
    executable: false,
  };
}
