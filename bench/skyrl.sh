#!/usr/bin/env bash
# SkyRL's Tinker server beside ours, alternately, each asked for the same steps of 8 x 256 tokens by the client it is made for:
# `bench/skyrl.sh [ROUNDS]`. Prints what it finds. Installs SkyRL with its JAX backend, some 7 GB, where PYTHON312 (a Python
# 3.12 or newer) makes a virtual environment; it runs nothing but what it is given here.
source "$(dirname "$0")/setting.sh"
rounds=${1:-2} steps=${STEPS:-5} port=18724
peer=${TMPDIR:-/tmp}/tinsmith-skyrl
if [[ ! -d $peer/venv ]]; then
    "${PYTHON312:-python3.12}" -m venv "$peer/venv"
    "$peer/venv/bin/pip" install -q --disable-pip-version-check 'skyrl[tinker,jax]==0.4.0' aiohttp uv
fi

# It starts its engine with `uv run` and two extras, so it wants to be started that way, from a project that has them.
cat >"$work/pyproject.toml" <<'END'
[project]
name = "peer"
version = "0"
requires-python = ">=3.12"
[project.optional-dependencies]
tinker = []
jax = []
END

# Its server, ready when it answers; its engine loads the model with the first request.
start_peer() {
    (
        cd "$work"
        export VIRTUAL_ENV=$peer/venv PATH=$peer/venv/bin:$PATH JAX_PLATFORMS=cpu
        exec uv run --no-sync --frozen --active -m skyrl.tinker.api --base-model "$folder" --backend jax \
            --backend-config '{"max_lora_adapters": 2, "max_lora_rank": 32}' --checkpoints-base "$work/peer" \
            --database-url "sqlite:///$work/peer.db" --host 127.0.0.1 --port $port
    ) >"$work/peer.log" 2>&1 &
    server=$!
    for _ in $(seq 200); do
        ! curl -sf "http://127.0.0.1:$port/api/v1/healthz" >/dev/null || break
        sleep 0.3
    done
}

# peak_of PID: the most memory of a process or of one that it started, in MiB
peak_of() {
    local child
    awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$1/status"
    for child in $(pgrep -P "$1"); do peak_of "$child"; done
}

head_of "SkyRL's Tinker server and ours: SmolLM2-135M, rank 32, steps of 8 x 256 tokens through a Tinker client"
echo "skyrl      $("$peer/venv/bin/python" -m pip list 2>/dev/null | awk '/^(skyrl|jax|flax|tinker) / {printf "%s %s  ", $1, $2}')(its JAX backend)"
echo
echo "$rounds rounds (ours, skyrl), each the median of $steps steps after 3, in which JAX makes its code"
for _ in $(seq "$rounds"); do
    start_server
    $python bench/client_steps.py "$model" 8x256 "$steps" --warmup 3 | awk '{print $3}' >>"$work/ours"
    peak_of "$server" | sort -n | tail -n 1 >>"$work/ours-peak"
    stop_server
    start_peer
    TINKER_BASE_URL=http://127.0.0.1:$port TINKER_API_KEY=tml-none timeout 300 \
        "$peer/venv/bin/python" bench/client_steps.py "$folder" 8x256 "$steps" --warmup 3 | awk '{print $3}' >>"$work/skyrl"
    peak_of "$server" | sort -n | tail -n 1 >>"$work/skyrl-peak"
    stop_server
done
rates ours skyrl
ratios ours skyrl
echo "  peak memory of the largest process: ours $(median "$work/ours-peak") MiB, skyrl $(median "$work/skyrl-peak") MiB"
echo
load
