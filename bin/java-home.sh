# shellcheck shell=sh
# Finds a JDK 25 without starting it; sourced by setup.sh and bin/seer.

# seer_is_jdk_25 FOLDER: a full JDK, compiler included, of exactly this feature version.
seer_is_jdk_25() {
    [ -n "$1" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
    if [ -f "$1/release" ]; then
        grep -Eq '^JAVA_VERSION="25[".]' "$1/release"
    else
        "$1/bin/javac" -version 2>&1 | grep -Eq '^javac 25([.]|$)'
    fi
}

# seer_java_of_path: the home of the java on PATH, links followed.
seer_java_of_path() {
    seer_java=$(command -v java) && seer_java=$(readlink -f "$seer_java" 2>/dev/null) && echo "${seer_java%/bin/java}"
}

# seer_java_home PROJECT: prints the first JDK 25 found, or fails.
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
        if seer_is_jdk_25 "$home"; then
            echo "$home"
            exit 0
        fi
    done
    exit 1
)
