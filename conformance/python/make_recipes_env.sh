#!/usr/bin/env bash
# Adds what the recipes need to conformance/.venv. Asks nothing of the network if it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/pip install -q --no-deps --disable-pip-version-check -r requirements-recipes.txt
