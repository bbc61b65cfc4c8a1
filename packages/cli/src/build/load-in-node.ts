import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * For tests: loads a module in a Node of its own, as a worker does, and evaluates an expression of it.
 *
 * @param url - what to import
 * @param expression - of `module`; may await; its value must survive JSON
 * @returns the value, or the stack of what was thrown
 */
export async function loadInNode(url: string, expression = "Object.keys(module).sort()"): Promise<unknown> {
  const script = `const module = await import(${JSON.stringify(url)});
    const say = (value) => process.stdout.write("\\n" + JSON.stringify({ value }));
    try { say(await (${expression})); } catch (error) { say(error.stack); }`;
  const args = ["--enable-source-maps", "--no-warnings", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "null").value;
}
