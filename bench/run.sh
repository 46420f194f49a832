#!/usr/bin/env bash
# Training with Tinsmith beside transformers and peft, alternately: `bench/run.sh [ROUNDS]`. Writes
# bench/results/<date>-training.txt. Two settings: all cores by the wall clock; and one thread by its own time, which
# says more when others work on the machine. STEPS and WARMUP are those of one process; WORKLOADS and SETTINGS choose.
set -euo pipefail
cd "$(dirname "$0")/.."
source dev/jdk.sh
source bench/machine.sh
rounds=${1:-5} steps=${STEPS:-3} warmup=${WARMUP:-2}
workloads=${WORKLOADS:-short long} settings=${SETTINGS:-cpu wall}
python=conformance/.venv/bin/python
java=$(find_jdk)/bin
dtype=fp32
! has avx512_bf16 || dtype=bf16
threads=$(nproc)

unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
export MALLOC_ARENA_MAX=1
conformance/python/make_env.sh
./tinsmith --version >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$java/javac" -d "$work/classes" -cp 'cli/target/lib/*' torch/src/test/java/dev/tinsmith/torch/TrainingSpeed.java
$python bench/peft_step.py make "$work/model"
mkdir -p bench/results
result=bench/results/$(date +%F)-training.txt

# Each prints one number, tokens per second: WHO WORKLOAD THREADS CLOCK
tinsmith() {
    "$java/java" -XX:+UseSerialGC -Xmx512m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -Xlog:disable -Xlog:all=error:stderr -Dthreads="$2" -Dclock="$3" -Dwarmup="$warmup" -cp "$work/classes:cli/target/lib/*" \
        dev.tinsmith.torch.TrainingSpeed "$work/model" "$1" "$steps" | awk '{print $3}'
}
peft() { # … and the adapter's dtype
    $python bench/peft_step.py time "$work/model" "$1" "$steps" --threads "$2" --clock "$3" --warmup "$warmup" \
        --dtype $dtype --adapter-dtype "$4" | awk '{print $3}'
}

median() { sort -g "$1" | awk '{v[NR] = $1} END {print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2}'; }
range() { sort -g "$1" | sed -n '1p;$p' | paste -sd' ' | awk '{printf "%.2f to %.2f", $1, $2}'; }
all() { awk '{printf "%s%.0f", sep, $1; sep = " "}' "$1"; }

# compare WORKLOAD THREADS CLOCK
compare() {
    local at=$work/$1-$3
    for _ in $(seq "$rounds"); do
        peft "$1" "$2" "$3" fp32 >>"$at.peft"
        tinsmith "$1" "$2" "$3" >>"$at.ours"
        [[ $dtype == fp32 ]] || peft "$1" "$2" "$3" bf16 >>"$at.peft16"
    done
    for who in ours peft peft16; do
        [[ ! -f $at.$who ]] || printf '  %-9s %8.1f tokens/s   (%s)\n' "$who" "$(median "$at.$who")" "$(all "$at.$who")"
    done
    for who in peft peft16; do
        [[ -f $at.$who ]] || continue
        paste "$at.ours" "$at.$who" | awk '{print $1 / $2}' >"$at.ratio"
        printf '  ours / %-9s %.2f   (round by round %s)\n' "$who" "$(median "$at.ratio")" "$(range "$at.ratio")"
    done
}

{
    head_of "Training steps of rank 32 on everything, SmolLM2-135M's shape: Tinsmith, and transformers with peft"
    echo "python     $($python -c 'import torch, transformers, peft; print("torch", torch.__version__, "transformers", transformers.__version__, "peft", peft.__version__)')"
    echo
    echo "forward, backward, clip, AdamW in $dtype; short: 16 sequences of 35 to 65 tokens, long: 8 of 256; $rounds rounds"
    echo "(peft, ours, peft16), each the median of $steps steps after $warmup. peft: the adapter in fp32, as it does unless told;"
    echo "peft16: the adapter and its AdamW in $dtype too, which ours never is (it keeps them in fp32)."
    for setting in $settings; do
        for workload in $workloads; do
            echo
            case $setting in
                cpu) echo "$workload, one thread, by its own time"; compare "$workload" 1 cpu ;;
                wall) echo "$workload, $threads threads, by the wall clock"; compare "$workload" "$threads" wall ;;
            esac
        done
    done
    echo
    echo "load       $(cut -d' ' -f1-3 /proc/loadavg) as it ended"
} | tee "$result"
