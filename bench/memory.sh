#!/usr/bin/env bash
# The most memory that a real server ever holds (VmHWM): `bench/memory.sh [BATCHES]`. In 8 x 256 tokens, in that many batches of
# 64 x 512, in single sequences of 512 to 8,192 tokens. QUICKSTART=1: and in the quickstart. Prints what it finds.
source "$(dirname "$0")/setting.sh"
start_server
head_of "Peak resident memory (VmHWM) of the process that computes"
echo
echo "./tinsmith serve, SmolLM2-135M, one run of rank 32, forward_backward and optim_step by the real client:"
$python bench/peaks.py "$model" "$server" "${1:-4}" | sed -u 's/^/  /'
stop_server
if [[ -n ${QUICKSTART:-} ]]; then
    echo
    echo "./tinsmith quickstart, its server inside it:"
    ./tinsmith quickstart --out "$work/quickstart" >"$work/quickstart.log" 2>&1 &
    server=$!
    while now=$(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$server/status" 2>/dev/null) && [[ -n $now ]]; do
        most=$now
        sleep 0.2
    done
    code=0
    wait "$server" || code=$?
    server=
    echo "  exit $code, peak $most MiB; $(grep -E 'loss per token' "$work/quickstart.log")"
fi
echo
load
