#!/usr/bin/env bash
# A served process against the bare engine: `bench/wire.sh [ROUNDS]`. The same steps of 8 x 256 tokens by the real client and
# by a loop around the engine, alternately; then how soon a pass is acknowledged. Prints what it finds.
source "$(dirname "$0")/setting.sh"
rounds=${1:-3} steps=${STEPS:-5}
start_server
head_of "What the wire costs: SmolLM2-135M, rank 32, steps of 8 x 256 tokens"
echo
echo "bare: a loop around the engine; server: ./tinsmith serve and the real client on the same machine; $rounds rounds"
echo "(bare, server), each the median of $steps steps after 3, in which the JVM makes its code"
for _ in $(seq "$rounds"); do
    speed TrainingSpeed -Dwarmup=3 -- "$folder" long "$steps" | awk '{print $3}' >>"$work/bare"
    $python bench/client_steps.py "$model" 8x256 "$steps" --warmup 3 | awk '{print $3}' >>"$work/server"
done
rates bare server
ratios server bare
echo
echo "acknowledgement of a pass of 2,048 tokens, from its last byte sent to the response read, over one open connection:"
$python bench/acknowledge.py "$model" 12
echo
load
