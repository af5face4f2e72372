# shellcheck shell=sh
# Finds the project's folder, a JDK 25 without starting it, and a locale; sourced by setup.sh and bin/seer. A path may
# hold any character but a line break: it is printed by printf, as some shells' echo reads backslashes.

# seer_project FOLDER: the project's folder, links followed; or says why Java cannot run there, without the full stop,
# and fails. Java has no way to quote a colon in a class path; the path of a link to the folder will do.
seer_project() {
    seer_folder=$(CDPATH='' cd -- "$1" && pwd -P) || return 1
    case $seer_folder in
        *:*) seer_folder=$(CDPATH='' cd -- "$1" && pwd) ;;
    esac
    case $seer_folder in
        *:*)
            printf '%s\n' "the path $seer_folder has a colon, where Java parts the entries of a class path: move the\
 folder, or come through a link without one"
            return 1 ;;
    esac
    printf '%s\n' "$seer_folder"
}

# seer_runs_25 FOLDER [UPDATE]: its java is of exactly this feature version, 25.0.UPDATE or newer, and has the Vector
# API, which a runtime of few modules may lack.
seer_runs_25() {
    [ -n "$1" ] && [ -x "$1/bin/java" ] || return 1
    if [ -f "$1/release" ]; then
        seer_version=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$1/release")
        case $(sed -n 's/^MODULES=//p' "$1/release") in
            '' | *[\"\ ]jdk.incubator.vector[\"\ ]*) ;;
            *) return 1 ;;
        esac
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
    seer_java=$(command -v java) && seer_java=$(readlink -f "$seer_java" 2>/dev/null) &&
        printf '%s\n' "${seer_java%/bin/java}"
}

# seer_absolute PATH: the same from any folder.
seer_absolute() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$PWD/$1" ;;
    esac
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
            seer_absolute "$home"
            exit 0
        fi
    done
    exit 1
)

# seer_runtime PROJECT [UPDATE]: the same for running alone: JAVA_HOME may be without a compiler.
seer_runtime() {
    if seer_runs_25 "${JAVA_HOME:-}" "${2:-0}"; then
        seer_absolute "$JAVA_HOME"
    else
        seer_java_home "$@"
    fi
}

# seer_locale: a value of LC_ALL under which the JVM reads arguments and names of files as UTF-8, or nothing where it
# does so already; fails where there is none. The name alone does not tell: a locale that is not installed counts as C.
seer_locale() {
    if ! command -v locale >/dev/null 2>&1; then
        echo C.UTF-8 # a C library as small as musl has this one and no command
        return
    fi
    [ "$(locale charmap 2>/dev/null)" != UTF-8 ] || return 0
    for seer_name in C.UTF-8 C.utf8 en_US.UTF-8 en_US.utf8 $(locale -a 2>/dev/null | LC_ALL=C grep -i 'utf-\{0,1\}8$'); do
        if [ "$(env LC_ALL="$seer_name" locale charmap 2>/dev/null)" = UTF-8 ]; then
            echo "$seer_name"
            return
        fi
    done
    return 1
}

# seer_is_ascii WORD...
seer_is_ascii() {
    [ -z "$(printf %s "$@" | LC_ALL=C tr -d '\000-\177')" ]
}
