#!/usr/bin/env bash
# The most memory that a real server and the quickstart ever hold (VmHWM): `bench/memory.sh [BATCHES]`. Prints what it
# finds; the results in bench/results/ are its words. Takes about ten minutes on two idle cores.
set -euo pipefail
cd "$(dirname "$0")/.."
source dev/jdk.sh
source bench/machine.sh
batches=${1:-4}
model=HuggingFaceTB/SmolLM2-135M-Instruct
gguf=${TINSMITH_SMOLLM2_GGUF:-${TINSMITH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinsmith}/SmolLM2-135M-Instruct.Q4_1.gguf}
conformance/python/fetch_model.sh
conformance/python/make_env.sh
./tinsmith --version >/dev/null

work=$(mktemp -d)
running=
trap '[[ -z $running ]] || kill -TERM "$running"; rm -rf "$work"' EXIT

# peak PID: in MiB, or nothing if it has ended
peak() { awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$1/status" 2>/dev/null || true; }

head_of "Peak resident memory (VmHWM) of the process that computes"
echo
echo "./tinsmith serve, one run of rank 32, forward_backward and optim_step by the real client:"
./tinsmith serve --data "$work/data" --port 0 --model "$model=$gguf" >"$work/serve.log" 2>&1 &
running=$!
for _ in $(seq 600); do
    grep -q '^ready on' "$work/serve.log" && break
    sleep 0.2
done
url=$(sed -n 's/^ready on \(http:[^ ,]*\).*/\1/p' "$work/serve.log")
TINKER_BASE_URL=$url TINKER_API_KEY=$(<"$work/data/admin.key") \
    conformance/.venv/bin/python bench/batches.py "$model" "$running" "$batches" | sed -u 's/^/  /'
kill -TERM "$running"
wait "$running" || true

echo
echo "./tinsmith quickstart, its server inside it:"
./tinsmith quickstart --out "$work/quickstart" >"$work/quickstart.log" 2>&1 &
running=$!
most=0
while now=$(peak "$running") && [[ -n $now ]]; do
    most=$now
    sleep 0.2
done
code=0
wait "$running" || code=$?
running=
echo "  exit $code, peak $most MiB; $(grep -E 'loss per token' "$work/quickstart.log")"
