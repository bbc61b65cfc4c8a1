import { relative, sep } from "node:path";
import { QueueRunError } from "@queue-run/runtime/errors";
import type { Problem } from "../project/manifest.js";

/** The largest code that Lambda takes. */
export type PackageLimits = { zipBytes: number; unzippedBytes: number };

type SizedFile = { path: string; bytes: number };

const SHOWN = 5;

/**
 * @param id - of the function
 * @param kind - which of the limits is passed, by `bytes`
 * @param files - everything in the zip; the largest packages and files are named
 */
export function zipTooLargeError({
  id,
  kind,
  bytes,
  limits,
  files,
}: {
  id: string;
  kind: "zipped" | "unzipped";
  bytes: number;
  limits: PackageLimits;
  files: readonly SizedFile[];
}): QueueRunError {
  const limit = kind === "zipped" ? limits.zipBytes : limits.unzippedBytes;
  const largest = byPackage(files).slice(0, SHOWN);
  const names = largest.map((each) => `${each.path} (${megabytes(each.bytes)})`).join(", ");
  return new QueueRunError({
    code: "QR_ZIP_TOO_LARGE",
    message: `The code of ${id} is ${megabytes(bytes)} ${kind}, and Lambda takes ${megabytes(limit)}. The largest in it, unzipped: ${names}.`,
    fix: "Import less of these, choose smaller packages, or read large files from S3 at run time.",
    details: { id, kind, bytes, limit, largest },
  });
}

/** The files of a package as one, largest first. */
function byPackage(files: readonly SizedFile[]): SizedFile[] {
  const sizes = new Map<string, number>();
  for (const { path, bytes } of files) {
    const name = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path;
    sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  }
  return [...sizes].map(([path, bytes]) => ({ path, bytes })).sort((a, b) => b.bytes - a.bytes);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

/** A package whose native parts do not run where the function will. A warning: the function may never load them. */
export function nativePartsMissing({
  file,
  found,
  target,
  install,
}: {
  /** "node_modules/sharp", or a file. */
  file: string;
  /** What is installed instead: platforms, or packages of platforms. */
  found: readonly string[];
  /** "linux-arm64" */
  target: string;
  /** The packages that are missing, with their versions: "@img/sharp-linux-arm64@0.34.5". None: it is built, or comes whole. */
  install: readonly string[];
}): Problem {
  const installed = found.length > 0 ? `installed: ${found.join(", ")}` : "none is installed";
  const remedy =
    install.length > 0
      ? `Install those beside this machine's own: npm install --no-save --force ${install.join(" ")} (pnpm and Yarn: ` +
        "supportedArchitectures)."
      : `Install or build it on ${target}, in a container for example, and deploy from there.`;
  return {
    code: "QR_NATIVE_PARTS_MISSING",
    file,
    line: null,
    column: null,
    message: `has native parts, and none for ${target}, which the functions run on (${installed}).`,
    fix: `${remedy} Or set architecture in queue-run.config.ts to "arm64" or "x86_64", whichever is installed.`,
  };
}

/** An import of a package that is left outside of the bundle, and is not there to be put beside it. */
export function externalMissing({
  specifier,
  importer,
  root,
}: {
  specifier: string;
  importer: string;
  root: string;
}): Problem {
  return {
    code: "QR_EXTERNAL_NOT_INSTALLED",
    file: relative(root, importer).replaceAll(sep, "/"),
    line: null,
    column: null,
    message: `imports "${specifier}", which is external and not installed: the function fails where it is loaded.`,
    fix: `Install it, or provide it by a layer.`,
  };
}

/** @param folders - where the two versions are */
export function externalConflict(name: string, folders: readonly string[]): QueueRunError {
  return new QueueRunError({
    code: "QR_EXTERNAL_CONFLICT",
    message: `One function imports two versions of ${name}, which cannot be bundled: ${folders.join(" and ")}.`,
    fix: `Make them one: install the same version of ${name} in both places.`,
    details: { name, folders },
  });
}
