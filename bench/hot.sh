#!/usr/bin/env bash
# What Java does on the hot paths, timed by JMH: `bench/hot.sh [JMH OPTION…]`. Prints what it finds.
source "$(dirname "$0")/setting.sh"
JAVA_HOME=$(find_jdk) mvn -B -q -Pbench -pl bench/jmh -am -DskipTests test-compile >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 70; }
head_of "The Java around the engine (JMH): reading and writing messages, a lane, the scheduler; average times"
echo
[[ $# -gt 0 ]] || set -- -wi 3 -w 1 -i 5 -r 1
"$java/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "bench/jmh/target/test-classes:$(<bench/jmh/target/classpath)" org.openjdk.jmh.Main \
    -f 1 -foe true "$@" >"$work/jmh"
sed -n '/^Benchmark/,$p' "$work/jmh"
echo
load
