#!/usr/bin/env bash
# Installs AWS's own runtime interface client for Node into .cache/ric: with it, zips run as they do on Lambda. It is
# compiled here, which takes two minutes and some of Debian's packages. Where it cannot be had, a line says why.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() {
  echo "Skipped: AWS's runtime interface client, $1"
  exit 0
}

folder=.cache/ric
[ -f "$folder/node_modules/aws-lambda-ric/rapid-client.node" ] && exit 0
[ "$(uname -s)" = Linux ] || skip "which is for Linux alone"
node=$(.ci/install-lambda-node.sh) || skip "for lack of Node 24"

tools=(autoconf automake libtoolize g++ cmake make python3 xz)
missing() {
  local tool
  for tool in "${tools[@]}"; do command -v "$tool" >/dev/null || echo "$tool"; done
}
if [ -n "$(missing)" ]; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "which needs $(missing | xargs)"
  packages=(autoconf automake libtool g++ cmake make python3 xz-utils)
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null; } ||
    skip "whose build tools could not be installed"
fi

mkdir -p "$folder"
echo '{ "private": true }' >"$folder/package.json"
# Compiled for Lambda's Node, whatever the machine's own is.
PATH="$(dirname "$node"):$PATH" npm install --prefix "$folder" --no-audit --no-fund --no-save --ignore-scripts=false \
  aws-lambda-ric@4 >"$folder/install.log" 2>&1 || skip "which did not compile: see $folder/install.log"
[ -f "$folder/node_modules/aws-lambda-ric/rapid-client.node" ] || skip "which was not built: see $folder/install.log"
