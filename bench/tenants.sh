#!/usr/bin/env bash
# Several tenants of one server, at once and one after another: `bench/tenants.sh [ROUNDS]`. Prints what it finds; the
# results in bench/results/ are its words.
set -euo pipefail
cd "$(dirname "$0")/.."
source dev/jdk.sh
source bench/machine.sh
model=HuggingFaceTB/SmolLM2-135M-Instruct
gguf=${TINSMITH_SMOLLM2_GGUF:-${TINSMITH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinsmith}/SmolLM2-135M-Instruct.Q4_1.gguf}
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
conformance/python/fetch_model.sh
conformance/python/make_env.sh
./tinsmith --version >/dev/null

work=$(mktemp -d)
./tinsmith serve --data "$work/data" --port 0 --model "$model=$gguf" >"$work/serve.log" 2>&1 &
server=$!
trap 'kill -TERM "$server" 2>/dev/null; wait "$server" || true; rm -rf "$work"' EXIT
for _ in $(seq 600); do
    grep -q '^ready on' "$work/serve.log" && break
    sleep 0.2
done
head_of "Tenants of one server, through the real client"
echo
url=$(sed -n 's/^ready on \(http:[^ ,]*\).*/\1/p' "$work/serve.log")
TINKER_BASE_URL=$url TINKER_API_KEY=$(<"$work/data/admin.key") \
    conformance/.venv/bin/python bench/tenants.py "$model" "${1:-3}"
echo
echo "load       $(cut -d' ' -f1-3 /proc/loadavg) as it ended"
