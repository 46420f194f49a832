#!/usr/bin/env bash
# How soon a fresh server answers, and how little it holds while it waits: `bench/startup.sh [RUNS]`. Prints a line a run;
# times from the start of the launcher, and how long processors worked for it until then, which is what counts when
# others work on the machine.
source "$(dirname "$0")/setting.sh"
runs=${1:-5} port=18723
url=http://127.0.0.1:$port/api/v1/healthz
head_of "Start of a server with one model"
echo

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# worked PID: milliseconds of processor time
worked() { awk -v tick="$(getconf CLK_TCK)" '{print int(($14 + $15) * 1000 / tick)}' "/proc/$1/stat"; }

for _ in $(seq "$runs"); do
    start=$(milliseconds)
    ./tinsmith serve --data "$work/data" --port $port >/dev/null 2>&1 &
    server=$!
    until curl -sf "$url" >/dev/null; do sleep 0.01; done
    healthy=$(milliseconds)
    busy=$(worked $server)
    until curl -sf "$url" | grep -q '"ready":true'; do sleep 0.02; done
    ready=$(milliseconds)
    "$java/jcmd" $server GC.run >/dev/null
    heap=$("$java/jcmd" $server GC.heap_info | awk '/used/ {for (i = 1; i < NF; i++) if ($i == "used") sum += $(i + 1)} END {print int(sum / 1024)}')
    rss=$(awk '/VmRSS/ {print $2}' /proc/$server/status)
    echo "healthz $((healthy - start)) ms ($busy ms of processor time), ready $((ready - start)) ms, idle heap $heap MiB, resident $((rss / 1024)) MiB"
    stop_server
done
echo
load
