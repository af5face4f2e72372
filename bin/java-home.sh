# shellcheck shell=sh
# Finds a JDK 25 without starting it; sourced by setup.sh and bin/seer.

# seer_runs_25 FOLDER [UPDATE]: its java is of exactly this feature version, and 25.0.UPDATE or newer.
seer_runs_25() {
    [ -n "$1" ] && [ -x "$1/bin/java" ] || return 1
    if [ -f "$1/release" ]; then
        seer_version=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$1/release")
    else
        seer_version=$("$1/bin/java" -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')
    fi
    case $seer_version in
        25.0.*) seer_update=${seer_version#25.0.} && [ "${seer_update%%[!0-9]*}" -ge "${2:-0}" ] ;;
        25.*) true ;;
        25 | 25-*) [ "${2:-0}" -eq 0 ] ;;
        *) false ;;
    esac
}

# seer_is_jdk_25 FOLDER [UPDATE]: a full JDK, compiler included.
seer_is_jdk_25() {
    [ -n "$1" ] && [ -x "$1/bin/javac" ] && seer_runs_25 "$@"
}

# seer_java_of_path: the home of the java on PATH, links followed.
seer_java_of_path() {
    seer_java=$(command -v java) && seer_java=$(readlink -f "$seer_java" 2>/dev/null) && echo "${seer_java%/bin/java}"
}

# seer_java_home PROJECT [UPDATE]: prints the first JDK 25 found, of this update or newer, or fails.
seer_java_home() (
    for home in \
        "${JAVA_HOME:-}" "$(seer_java_of_path)" \
        "$1"/.jdk/* "$1"/.jdk/*/Contents/Home \
        /usr/lib/jvm/* /opt/java* /opt/java/* /opt/jdk* \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* "${HOME:-}"/.jdks/*/Contents/Home \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        "$([ ! -x /usr/libexec/java_home ] || /usr/libexec/java_home -v 25 2>/dev/null)"; do
        if seer_is_jdk_25 "$home" "${2:-0}"; then
            echo "$home"
            exit 0
        fi
    done
    exit 1
)

# seer_runtime PROJECT [UPDATE]: the same for running alone: JAVA_HOME may be without a compiler.
seer_runtime() {
    if seer_runs_25 "${JAVA_HOME:-}" "${2:-0}"; then
        echo "$JAVA_HOME"
    else
        seer_java_home "$@"
    fi
}
