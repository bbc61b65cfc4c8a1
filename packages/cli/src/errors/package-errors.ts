import { QueueRunError } from "@queue-run/runtime/errors";

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
