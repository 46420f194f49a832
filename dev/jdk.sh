# Prints the home of a JDK 25 or newer, or says how to get one. Sourced by ./tinsmith, the Makefile and .ci/run.

jdk_major() {
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

find_jdk() {
    local wanted=25 home major on_path
    on_path=$(command -v javac || true)
    [[ -z $on_path ]] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    for home in "${JAVA_HOME:-}" "$on_path" \
        /usr/lib/jvm/* /usr/lib64/jvm/* /opt/*jdk* /opt/java/* \
        "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        [[ -n $home && -x $home/bin/javac ]] || continue
        major=$(jdk_major "$home")
        if [[ -n $major && $major -ge $wanted ]]; then
            echo "$home"
            return 0
        fi
    done
    echo "tinsmith: no JDK $wanted or newer was found; install one (for example Temurin $wanted, package temurin-$wanted-jdk) or set JAVA_HOME to where it is" >&2
    return 1
}
