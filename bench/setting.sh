# Sourced by the other scripts: what they all need before they can measure, and a server to measure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source dev/jdk.sh
source bench/machine.sh
model=HuggingFaceTB/SmolLM2-135M-Instruct
gguf=${TINSMITH_SMOLLM2_GGUF:-${TINSMITH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinsmith}/SmolLM2-135M-Instruct.Q4_1.gguf}
python=conformance/.venv/bin/python
java=$(find_jdk)/bin
dtype=fp32
! has avx512_bf16 || dtype=bf16
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
export MALLOC_ARENA_MAX=1
conformance/python/fetch_model.sh
conformance/python/make_env.sh
./tinsmith --version >/dev/null

work=$(mktemp -d)
server=
trap 'stop_server; rm -rf "$work"' EXIT

# The model as a Hugging Face folder, for those that are given one.
folder=$work/data/models/${model/\//--}
./tinsmith model add --data "$work/data" "$model" "$gguf" >/dev/null

# start_server OPTION…: one that has the model. Sets $server, and says where it is in the client's own words.
start_server() {
    ./tinsmith serve --data "$work/data" --port 0 "$@" >"$work/serve.log" 2>&1 &
    server=$!
    for _ in $(seq 300); do
        ! grep -q '^ready on' "$work/serve.log" || break
        sleep 0.2
    done
    TINKER_BASE_URL=$(sed -n 's/^ready on \(http:[^ ,]*\).*/\1/p' "$work/serve.log")
    TINKER_API_KEY=$(<"$work/data/admin.key")
    export TINKER_BASE_URL TINKER_API_KEY
}

stop_server() {
    [[ -n $server ]] || return 0
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" || true
    server=
}

# speed CLASS FLAG… -- ARGUMENT…: one of the timing classes of torch's tests, as the server runs the engine.
speed() {
    local class=$1 flags=()
    shift
    while [[ $1 != -- ]]; do flags+=("$1"); shift; done
    shift
    local file=torch/src/test/java/dev/tinsmith/torch/$class.java
    [[ -f $work/${class//\//-} ]] || "$java/javac" -d "$work/classes" -sourcepath torch/src/test/java -cp 'cli/target/lib/*' "$file"
    touch "$work/${class//\//-}"
    "$java/java" -XX:+UseSerialGC -Xms32m -Xmx512m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=25 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -Xlog:disable -Xlog:all=error:stderr "${flags[@]}" -cp "$work/classes:cli/target/lib/*" \
        "dev.tinsmith.torch.${class//\//.}" "$@"
}

# Of the numbers in a file, one a line.
median() { sort -g "$1" | awk '{v[NR] = $1} END {print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2}'; }
range() { sort -g "$1" | sed -n '1p;$p' | paste -sd' ' | awk '{printf "%.2f to %.2f", $1, $2}'; }
all() { awk '{printf "%s%.*f", sep, ($1 < 100), $1; sep = " "}' "$1"; }

# rates NAME…: a line for each whose numbers are in $work/NAME.
rates() {
    for who in "$@"; do
        [[ ! -f $work/$who ]] || printf '  %-10s %8.1f tokens/s   (%s)\n' "$who" "$(median "$work/$who")" "$(all "$work/$who")"
    done
}

# ratios FIRST OTHER…: round by round.
ratios() {
    local first=$1
    shift
    for who in "$@"; do
        [[ -f $work/$who ]] || continue
        paste "$work/$first" "$work/$who" | awk '{print $1 / $2}' >"$work/ratio"
        printf '  %s / %-10s %.2f   (round by round %s)\n' "$first" "$who" "$(median "$work/ratio")" "$(range "$work/ratio")"
    done
}

load() { echo "load       $(cut -d' ' -f1-3 /proc/loadavg) as it ended"; }
