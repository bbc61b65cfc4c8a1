import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";

/** The members of a package.json that tell of native parts. */
type NativeHints = {
  gypfile?: unknown;
  binary?: unknown;
  napi?: unknown;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

/** Tells which imports lead to packages with native parts, which no bundler can take apart. */
export type NativePackages = {
  /**
   * @param specifier - a bare one: "sharp", "@node-rs/argon2/sub"
   * @param importer - absolute path of the importing file
   */
  has: (specifier: string, importer: string) => boolean;
};

/** Remembers what it finds: for one build. */
export function createNativePackages(): NativePackages {
  const folders = new Map<string, string | null>();
  const native = new Map<string, boolean>();
  const find = (name: string, from: string): string | null => {
    const key = `${name}\0${from}`;
    let found = folders.get(key);
    if (found === undefined) {
      const candidate = join(from, "node_modules", name);
      const parent = dirname(from);
      if (existsSync(join(candidate, "package.json"))) found = candidate;
      else found = parent === from ? null : find(name, parent);
      folders.set(key, found);
    }
    return found;
  };
  return {
    has(specifier, importer) {
      const name = packageNameOf(specifier);
      if (name === null) return false;
      const folder = find(name, dirname(importer));
      if (folder === null) return false;
      let isNative = native.get(folder);
      if (isNative === undefined) {
        isNative = hasNativeParts(folder);
        native.set(folder, isNative);
      }
      return isNative;
    },
  };
}

/** @returns "@scope/name" of "@scope/name/file"; null for what is no package's */
export function packageNameOf(specifier: string): string | null {
  if (BUILTINS.has(specifier)) return null;
  return /^(?:@[^/:]+\/)?[^@./#:\\][^/:\\]*(?=\/|$)/.exec(specifier)?.[0] ?? null;
}

const BUILTINS = new Set(builtinModules);

/** Packages that find and load a package's own native part. */
const LOADERS = [
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "prebuild-install",
  "node-pre-gyp",
  "@mapbox/node-pre-gyp",
  "@neon-rs/load",
];

function hasNativeParts(folder: string): boolean {
  if (existsSync(join(folder, "binding.gyp")) || existsSync(join(folder, "prebuilds"))) return true;
  const hints: NativeHints = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (hints.gypfile === true || hints.binary !== undefined || hints.napi !== undefined) return true;
  if (LOADERS.some((name) => hints.dependencies?.[name] !== undefined)) return true;
  return Object.keys(hints.optionalDependencies ?? {}).some(isPlatformPackage);
}

/** "@img/sharp-linux-x64", "@node-rs/argon2-darwin-arm64": one of several, of which the installation takes one. */
export function isPlatformPackage(name: string): boolean {
  return /(?:linux(?:musl)?|darwin|win32|windows|freebsd|android)[-_.](?:x64|x86_64|ia32|arm64|aarch64|arm|amd64)/.test(
    name,
  );
}
