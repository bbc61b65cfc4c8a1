import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** The package's name as it can stand in AWS's names ("@acme/shop" → "acme-shop"), else the folder's. */
export function readPackageName(root: string): string {
  let name = basename(root);
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    if (
      manifest !== null &&
      typeof manifest === "object" &&
      "name" in manifest &&
      typeof manifest.name === "string"
    ) {
      name = manifest.name || name;
    }
  } catch {
    // A project without a package.json, or with one that npm itself will refuse, is called after its folder.
  }
  return (
    name
      .replace(/^@/, "")
      .replace(/[^A-Za-z0-9_-]+/g, "-")
      .replace(/^-+|-+$/g, "") || "project"
  );
}
