#!/usr/bin/env bash
# The roof over a training step of 8 x 256 tokens in bf16, and our share of it: `bench/roofline.sh [ROUNDS]`. Each product
# of the step is timed alone, laid out in several ways, with several numbers of rows; the best counts. ROUNDS: of the
# step, to compare. Prints what it finds. (PyTorch 2.15's wheel gives the same roof as our libtorch, within 1 %.)
source "$(dirname "$0")/setting.sh"
rounds=${1:-3}
head_of "The roof over a training step: SmolLM2-135M, rank 32 on everything, 8 x 256 tokens, bf16, $(nproc) threads"
echo
$python bench/roofline.py shapes >"$work/shapes"
for _ in $(seq "$rounds"); do
    speed TrainingSpeed -Dwarmup=3 -Ddtype=BF16 -- "$folder" long 3 | awk '{print $3}' >>"$work/ours"
done
speed ops/ProductSpeed -- <"$work/shapes" >"$work/products"
$python bench/roofline.py add "$work/products" | tee "$work/table"
echo
rates ours
awk -v ours="$(median "$work/ours")" '/^the roof/ {printf "  ours / the roof  %.2f\n", ours / $3}' "$work/table"
echo
load
