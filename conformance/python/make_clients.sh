#!/usr/bin/env bash
# Puts older versions of the official client into conformance/.clients, a folder for each; what they
# need beside themselves they take from conformance/.venv. Does nothing for those that are there.
set -euo pipefail
cd "$(dirname "$0")/.."

python/make_env.sh
for version in 0.9.0 0.16.1 0.20.0 0.25.0 0.31.0; do
    place=.clients/$version
    [[ -d $place/tinker ]] && continue
    rm -rf "$place"
    .venv/bin/pip install -q --no-deps --disable-pip-version-check --target "$place" "tinker==$version"
done
