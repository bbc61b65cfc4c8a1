#!/usr/bin/env bash
# Installs Debian's Chromium, for the tests in a browser. Where it cannot be had, a line says why, and those tests skip.
set -euo pipefail

skip() {
  echo "Skipped: Chromium, $1"
  exit 0
}

command -v chromium >/dev/null || command -v google-chrome >/dev/null && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "which only Debian's packages give, to root"
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } ||
  skip "which could not be installed"
