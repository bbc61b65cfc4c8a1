import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { UserModule } from "@queue-run/runtime/lambda/queue";

/**
 * Loads a module that was made for development.
 *
 * @param url - of an ES module (`.mjs`) or a CommonJS one (`.cjs`)
 * @returns its exports by name; what CommonJS assigns to `module.exports` as a function or class is the default export
 * @throws what the module's own code throws, and what Node throws for an import that cannot be found
 */
export async function loadModule(url: string): Promise<UserModule> {
  if (!url.endsWith(".cjs")) return (await import(url)) as UserModule;
  const exported: unknown = createRequire(url)(fileURLToPath(url));
  return typeof exported === "object" && exported !== null ? (exported as UserModule) : { default: exported };
}
