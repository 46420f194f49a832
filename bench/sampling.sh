#!/usr/bin/env bash
# Sampling with Tinsmith beside transformers' `generate` and llama.cpp, alternately: `bench/sampling.sh [ROUNDS]`. Prints what
# it finds. WORKLOAD is such as `16x32+64`: 16 prompts of 32 tokens, 64 new ones for each. llama.cpp comes in
# node-llama-cpp's build for processors, the packages npm and PyPI have; without Node.js it is left out.
source "$(dirname "$0")/setting.sh"
rounds=${1:-3} workload=${WORKLOAD:-16x32+64}
peers=(generate)
llama=${TMPDIR:-/tmp}/tinsmith-llama
if command -v npm >/dev/null && [[ $dtype == bf16 ]]; then
    peers+=(llama)
    if [[ ! -d $llama/node_modules/node-llama-cpp ]]; then
        mkdir -p "$llama"
        npm install --prefix "$llama" --silent --ignore-scripts --omit=optional \
            node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1 >/dev/null
        python3 -m venv "$llama/venv"
        "$llama/venv/bin/pip" install -q --disable-pip-version-check gguf==0.19.0
        "$llama/venv/bin/python" bench/to_bf16.py "$gguf" "$llama/bf16.gguf"
    fi
    cp bench/llama.mjs "$llama"
fi

# Each prints one number, new tokens per second.
ours() { speed SamplingSpeed -- "$folder" "$workload" 3 | awk '{print $3}'; }
generate() { $python bench/generate_speed.py "$folder" "$workload" 3 --dtype $dtype 2>>"$work/python.log" | awk '{print $3}'; }
llama() { node "$llama/llama.mjs" "$llama/bf16.gguf" "$workload" 3 | awk '{print $3}'; }

head_of "Sampling: SmolLM2-135M, $workload tokens at temperature 1, prompts included in the time: Tinsmith and others"
echo "python     $($python -c 'import torch, transformers; print("torch", torch.__version__, "transformers", transformers.__version__)')"
[[ ${peers[*]} != *llama* ]] || echo "llama.cpp  as in node-llama-cpp 3.22.1, the model as a bf16 GGUF file, $(nproc) threads"
echo
echo "$dtype, $(nproc) threads, by the wall clock; $rounds rounds (ours, ${peers[*]}), each the median of 3 after 1"
for _ in $(seq "$rounds"); do
    for who in ours "${peers[@]}"; do $who >>"$work/$who"; done
done
rates ours "${peers[@]}"
ratios ours "${peers[@]}"
echo
load
