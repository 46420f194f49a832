# Sourced by the other scripts: what every result says of itself at its head.

# The last word of a line of /proc/cpuinfo.
cpu() { sed -n "s/^$1[[:space:]]*: //p" /proc/cpuinfo | head -n 1; }

features() {
    for feature in avx2 fma avx512f avx512_bf16 amx_bf16; do
        [[ " $(cpu flags) " != *" $feature "* ]] || printf '%s ' "$feature"
    done
}

# has FEATURE
has() { [[ " $(cpu flags) " == *" $1 "* ]]; }

# head_of WHAT: title, date, machine, versions, and how busy it is.
head_of() {
    local java lib=cli/target/lib
    java=$(find_jdk)/bin/java
    echo "$1"
    echo
    echo "date       $(date -u +'%Y-%m-%d %H:%M') UTC"
    echo "commit     $(git rev-parse --short HEAD)$(git diff --quiet HEAD -- || echo ' and changes')"
    echo "processor  $(cpu 'model name') (family $(cpu 'cpu family'), model $(cpu model)), $(nproc) cores: $(features)"
    echo "memory     $(awk '/MemTotal/ {printf "%.0f GiB", $2 / 1048576}' /proc/meminfo)"
    echo "java       $("$java" -version 2>&1 | sed -n 2p), $(basename $lib/pytorch-*-linux-x86_64.jar .jar)"
    echo "load       $(cut -d' ' -f1-3 /proc/loadavg) as it began; above 1, others worked on the machine too"
}
