import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where a running dev server can be found: for `dev queue` and the like. */
export type ServerAddress = { pid: number; port: number; sqsPort: number | null };

const ADDRESS_FILE = "server.json";

/**
 * The folder of a project's local data, made when it is missing, and kept out of version control.
 *
 * @param fresh - forget what is stored
 * @returns its absolute path
 */
export function dataFolder(root: string): string {
  const folder = join(root, ".queue-run", "dev");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, ".queue-run", ".gitignore"), "*\n");
  return folder;
}

/** Forgets all local jobs; only while no server runs on them. */
export function clearStore(folder: string): void {
  rmSync(storeFolder(folder), { recursive: true, force: true });
}

/** Where the local SQS keeps its messages. */
export function storeFolder(folder: string): string {
  return join(folder, "store");
}

/** Where the table of job records is kept. */
export function tableFolder(folder: string): string {
  return join(folder, "table");
}

/** Where jobs wait whose delay SQS does not have. */
export function delaysFolder(folder: string): string {
  return join(folder, "delays");
}

export function writeAddress(folder: string, address: ServerAddress): void {
  writeFileSync(join(folder, ADDRESS_FILE), `${JSON.stringify(address)}\n`);
}

/** @param root - the project's folder */
export function removeAddress(root: string): void {
  rmSync(join(root, ".queue-run", "dev", ADDRESS_FILE), { force: true });
}

/** @returns null when no server has said where it is */
export function readAddress(root: string): ServerAddress | null {
  try {
    return JSON.parse(readFileSync(join(root, ".queue-run", "dev", ADDRESS_FILE), "utf8")) as ServerAddress;
  } catch {
    return null;
  }
}
