/**
 * The text of a module that stands between an ESM file and a CommonJS one, so that development takes the same exports
 * as a bundle does. Node alone finds only the names that it can guess from the text of the file, and gives
 * `module.exports` for the default where esbuild, outside of packages of `"type": "module"`, gives `exports.default`
 * of what a compiler marked `__esModule`.
 *
 * @param from - URL of the CommonJS file
 * @param names - what is imported: names, "default", "*" for whatever Node finds
 * @param defaultOf - "node": `module.exports`; "compiled": `exports.default` where it was compiled from ESM;
 *   "handler": `exports.default` where there is one, else `module.exports`
 */
export function commonJsInterop(
  from: string,
  names: ReadonlySet<string>,
  defaultOf: "node" | "compiled" | "handler",
): string {
  const url = JSON.stringify(from);
  const lines = [`import whole from ${url};`];
  if (names.has("*")) lines.push(`export * from ${url};`);
  if (names.has("default")) {
    const marked =
      defaultOf === "compiled"
        ? "whole?.__esModule"
        : defaultOf === "handler"
          ? 'whole != null && Object.hasOwn(whole, "default")'
          : "";
    lines.push(marked ? `export default ${marked} ? whole.default : whole;` : "export default whole;");
  }
  const named = [...names].filter((name) => name !== "*" && name !== "default").sort();
  for (const [index, name] of named.entries()) {
    lines.push(`const export${index} = whole?.[${JSON.stringify(name)}];`);
    lines.push(`export { export${index} as ${JSON.stringify(name)} };`);
  }
  return `${lines.join("\n")}\n`;
}

/** The same for a bundle's entry point, where `require` gives the CommonJS file itself. */
export function bundledHandlerInterop(file: string, names: readonly string[]): string {
  const lines = [`const whole = require(${JSON.stringify(file)});`];
  for (const [index, name] of names.entries()) {
    const isDefault = name === "default";
    const value = `whole[${JSON.stringify(name)}]`;
    lines.push(
      `const export${index} = ${isDefault ? `whole != null && Object.hasOwn(whole, "default") ? ${value} : whole` : value};`,
    );
    lines.push(`export { export${index} as ${JSON.stringify(name)} };`);
  }
  return `${lines.join("\n")}\n`;
}
