#!/usr/bin/env node
// Where this Node can, compiled code is kept between runs, so that the command line starts sooner.
process.getBuiltinModule("node:module").enableCompileCache?.();
const { main } = await import("@queue-run/cli");
process.exitCode = await main(process.argv.slice(2));
