#!/usr/bin/env bash
# Installs Lambda's own Node, an npm package with Node's binary: nothing is compiled, and no install script runs.
# Prints the path of the binary; fails where npm has none for this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.cache/node-24
name=node-$(node -p 'process.platform + "-" + process.arch')
node=$folder/node_modules/$name/bin/node
if [ ! -x "$node" ]; then
  mkdir -p "$folder"
  npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-save --silent "$name@24" >&2
fi
echo "$PWD/$node"
