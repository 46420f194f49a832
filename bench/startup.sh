#!/usr/bin/env bash
# How soon a fresh server answers, and how little it holds while it waits: `bench/startup.sh DATA [RUNS]`,
# DATA a data directory with the models to load. Prints a line a run; times from the start of the launcher, and how
# long processors worked for it until then, which is what counts when others work on the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
source dev/jdk.sh
source bench/machine.sh
java=$(find_jdk)/bin
data=$1 runs=${2:-5} port=18723
url=http://127.0.0.1:$port/api/v1/healthz
./tinsmith --version >/dev/null
head_of "Start of a server"
echo

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# worked PID: milliseconds of processor time
worked() { awk -v tick="$(getconf CLK_TCK)" '{print int(($14 + $15) * 1000 / tick)}' "/proc/$1/stat"; }

for _ in $(seq "$runs"); do
    start=$(milliseconds)
    ./tinsmith serve --data "$data" --port $port >/dev/null 2>&1 &
    server=$!
    until curl -sf "$url" >/dev/null; do sleep 0.01; done
    healthy=$(milliseconds)
    work=$(worked $server)
    until curl -sf "$url" | grep -q '"ready":true'; do sleep 0.02; done
    ready=$(milliseconds)
    "$java/jcmd" $server GC.run >/dev/null
    heap=$("$java/jcmd" $server GC.heap_info | grep -oE 'used [0-9]+K' | grep -oE '[0-9]+' | paste -sd+ | bc)
    rss=$(awk '/VmRSS/ {print $2}' /proc/$server/status)
    echo "healthz $((healthy - start)) ms ($work ms of processor time), ready $((ready - start)) ms, idle heap $((heap / 1024)) MiB, resident $((rss / 1024)) MiB"
    kill -TERM $server
    wait $server || true
done
