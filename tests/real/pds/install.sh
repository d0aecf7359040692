#!/bin/sh
# Bluesky's own PDS from npm, in .venv/real/pds. Needs Node 20 or newer, and make and a C++ compiler for its database.
# Without them it stays missing. Repeating it costs nothing.
set -eu
from=tests/real/pds
to=.venv/real/pds
if cmp -s "$from/package-lock.json" "$to/installed-lock.json"; then exit 0; fi
major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
if [ "${major:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "Bluesky's PDS: needs Node 20 or newer with npm."
    exit 0
fi
echo "Bluesky's PDS: installing it from npm"
rm -rf "$to"
mkdir -p "$to"
cp "$from/package.json" "$from/package-lock.json" "$to"
(cd "$to" && npm ci --no-audit --no-fund --loglevel=error)
cp "$from/package-lock.json" "$to/installed-lock.json"
