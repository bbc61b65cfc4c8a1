#!/usr/bin/env node
// Where this Node can, compiled code is kept between runs, so that the command line starts sooner.
process.getBuiltinModule("node:module").enableCompileCache?.();
const { main } = await import("@queue-run/cli");

// Node's own code for a program that waits for what cannot come: Ctrl-D has ended the input that a question waits for.
const NEVER_SETTLED = 13;
let settled = false;
process.once("exit", () => {
  if (settled || process.exitCode !== NEVER_SETTLED) return;
  process.exitCode = 1;
  process.stderr.write(
    "\nThe input ended before the question was answered.\n  Run it again and answer it, or give it as an option: see --help.\n",
  );
});
process.exitCode = await main(process.argv.slice(2));
settled = true;
