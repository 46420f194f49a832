#!/usr/bin/env bash
# Training with Tinsmith beside transformers and peft, alternately: `bench/training.sh [ROUNDS]`. Prints what it finds.
# STEPS and WARMUP are those of one process; WORKLOADS are of `short long`; CLOCK=cpu takes one thread by its own time,
# which says more when others work on the machine. The first compiled round makes the code, the others find it made.
source "$(dirname "$0")/setting.sh"
rounds=${1:-3} steps=${STEPS:-3} warmup=${WARMUP:-1} clock=${CLOCK:-wall}
threads=$(nproc)
[[ $clock == wall ]] || threads=1
peers=(peft)
[[ $dtype == fp32 ]] || peers+=(peft16)
if [[ $clock == wall ]] && command -v g++ >/dev/null; then peers+=(compiled); fi
export TORCHINDUCTOR_CACHE_DIR=${TMPDIR:-/tmp}/tinsmith-inductor

# Each prints one number, tokens per second: WHO WORKLOAD
ours() {
    speed TrainingSpeed -Dthreads="$threads" -Dclock="$clock" -Dwarmup=3 -- "$folder" "$1" "$steps" | awk '{print $3}'
}
peft() {
    local options=()
    case $1 in
        peft) options=(--adapter-dtype fp32) ;;
        peft16) options=(--adapter-dtype bf16) ;;
        compiled) options=(--adapter-dtype "$dtype" --compile) ;;
    esac
    $python bench/peft_step.py "$folder" "$2" "$steps" --threads "$threads" --clock "$clock" --warmup "$warmup" \
        --dtype $dtype "${options[@]}" 2>>"$work/python.log" | awk '{print $3}'
}

head_of "Training steps of rank 32 on everything, SmolLM2-135M: Tinsmith, and transformers with peft"
echo "python     $($python -c 'import torch, transformers, peft; print("torch", torch.__version__, "transformers", transformers.__version__, "peft", peft.__version__)')"
echo
echo "forward, backward, clip, AdamW in $dtype; short: 16 sequences of 35 to 65 tokens, long: 8 of 256; $rounds rounds"
echo "(ours, ${peers[*]}), each the median of $steps steps after $warmup (ours after 3, in which the JVM makes its code). peft: the adapter in fp32, as it does unless told;"
echo "peft16: the adapter and its AdamW in bf16 too, which ours never is (it keeps them in fp32); compiled: the better of"
echo "these two dtypes for speed, model and loss through torch.compile."
for workload in ${WORKLOADS:-long}; do
    echo
    echo "$workload, $threads threads, by the $clock clock"
    for who in "${peers[@]}"; do
        [[ $who != compiled ]] || STEPS=1 peft compiled "$workload" >/dev/null
    done
    rm -f "$work/ours" "$work"/{peft,peft16,compiled}
    for _ in $(seq "$rounds"); do
        ours "$workload" >>"$work/ours"
        for who in "${peers[@]}"; do peft "$who" "$workload" >>"$work/$who"; done
    done
    rates ours "${peers[@]}"
    ratios ours "${peers[@]}"
done
echo
load
