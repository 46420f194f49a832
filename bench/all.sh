#!/usr/bin/env bash
# Everything that is measured, into bench/results/<date>-<part>.txt, and the plots of docs/benchmarks.md from them:
# `bench/all.sh [PART…]`. Some 25 minutes on two cores that do nothing else. SkyRL's server, whose installation takes
# 7 GB, only by name: `bench/all.sh skyrl`.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $# -gt 0 ]] || set -- roofline training sampling wire tenants memory endurance hot startup
mkdir -p bench/results
for part in "$@"; do
    "bench/$part.sh" | tee "bench/results/$(date +%F)-$part.txt"
done
python3 bench/plots.py bench/results docs/benchmarks
