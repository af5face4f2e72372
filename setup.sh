#!/usr/bin/env bash
# Builds Seer, shows it, tests it. Needs a JDK 25, and fetches one into .jdk/ where there is none.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
stamp=$root/runner/target/seer.built
jdk_release=25.0.3+9
# shellcheck source=bin/java-home.sh
. "$root/bin/java-home.sh"

usage() {
    cat <<'TEXT'
Usage: ./setup.sh [demo [ARGUMENTS] | test [MAVEN OPTIONS] | verify [MAVEN OPTIONS] | --help]

  (nothing)  build Seer and say what can be done next
  demo       build if something changed, then run bin/seer demo with these arguments
  test       build and run all tests but the slow ones (-Dtest=NameTest: one of them)
  verify     build and run the slow tests, which write docs/results.md

A JDK 25 is looked for in JAVA_HOME, on PATH, in .jdk/ and in the usual folders; where there is none, a pinned
Eclipse Temurin release is fetched into .jdk/. Maven comes from PATH if it is 3.8.1 or newer, else from ./mvnw.
TEXT
}

say() {
    echo "$*" >&2
}

fail() {
    say "setup.sh: $*"
    exit 1
}

# download URL FILE
download() {
    if command -v curl >/dev/null; then
        curl -fsSL --connect-timeout 15 --speed-limit 2000 --speed-time 30 -o "$2" "$1"
    elif command -v wget >/dev/null; then
        wget -q --timeout=30 --tries=1 -O "$2" "$1"
    else
        return 1
    fi
}

sha256() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$1"
    else
        shasum -a 256 "$1"
    fi | cut -d ' ' -f 1
}

# Fetches the pinned release into .jdk/. Checksums as published beside the archives.
fetch_jdk() {
    local advice build checksum url
    advice='please install one, for example Eclipse Temurin 25 from https://adoptium.net, and set JAVA_HOME to it.'
    case "$(uname -s) $(uname -m)" in
        'Linux x86_64')
            build=x64_linux
            checksum=69264a7a211bf5029830d07bc3370f879769d62ebc5b5488e90c9343a2da0e1f ;;
        'Linux aarch64' | 'Linux arm64')
            build=aarch64_linux
            checksum=3e4287cb98870ba824ed698854bdc27cff984254caf66dd12cc291e7bfdde26b ;;
        'Darwin arm64')
            build=aarch64_mac
            checksum=7baab4d69a15554e119b86ff78d40e3fdc28819b5b322955c913cebfe3f6a37c ;;
        *) fail "there is no JDK 25 here and none that could be fetched for $(uname -s) $(uname -m): $advice" ;;
    esac
    url=https://github.com/adoptium/temurin25-binaries/releases/download
    url=$url/jdk-${jdk_release/+/%2B}/OpenJDK25U-jdk_${build}_hotspot_${jdk_release/+/_}.tar.gz

    mkdir -p "$root/.jdk"
    fetched=$(mktemp -d "$root/.jdk/fetch.XXXXXX")
    trap 'rm -rf "$fetched"' EXIT
    say "No JDK 25 found: fetching Eclipse Temurin $jdk_release (about 140 MB) into .jdk/ ..."
    download "$url" "$fetched/jdk.tar.gz" 2>/dev/null ||
        fail "there is no JDK 25 here and $url cannot be reached: $advice"
    [ "$(sha256 "$fetched/jdk.tar.gz")" = "$checksum" ] ||
        fail "what came from $url does not have the checksum $checksum, so it was thrown away: $advice"
    mkdir "$fetched/jdk"
    tar -xzf "$fetched/jdk.tar.gz" -C "$fetched/jdk" --strip-components 1
    rm -rf "$root/.jdk/temurin-$jdk_release"
    mv "$fetched/jdk" "$root/.jdk/temurin-$jdk_release"
    rm -rf "$fetched"
}

find_jdk() {
    jdk=$(seer_java_home "$root") && return
    fetch_jdk
    jdk=$(seer_java_home "$root") || fail 'the archive in .jdk/ is not a JDK 25: please install one.'
    "$jdk/bin/java" -version 2>/dev/null ||
        fail "the JDK in .jdk/ does not run on this system: please install a JDK 25 and set JAVA_HOME to it."
}

# Sets mvn to Maven 3.8.1 or newer from PATH, else to the wrapper.
find_maven() {
    local version major minor patch
    version=$(JAVA_HOME=$jdk mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9][0-9.]*\).*/\1/p') || version=
    IFS=. read -r major minor patch _ <<<"${version:-0}.0.0"
    if ((major * 1000000 + minor * 1000 + patch >= 3008001)); then
        mvn=mvn
        return
    fi
    mvn=./mvnw
    command -v unzip >/dev/null || [ -d "${MAVEN_USER_HOME:-$HOME/.m2}/wrapper/dists" ] ||
        fail "there is no Maven 3.8.1 or newer here, and unpacking one needs unzip: please install either of them."
}

# maven ARGUMENTS: Maven on the JDK 25, without the warnings that its own libraries cause there.
maven() (
    cd "$root"
    export JAVA_HOME=$jdk
    export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"
    "$mvn" -B -Dstyle.color=never --no-transfer-progress "$@"
)

# Nothing but warnings, errors and the counts of the tests.
tests() {
    local quiet=-Dorg.slf4j.simpleLogger
    maven $quiet.defaultLogLevel=warn $quiet.log.org.apache.maven.plugin.surefire=info \
        $quiet.log.org.apache.maven.plugins.surefire=info "$@"
}

prepare() {
    find_jdk
    find_maven
    say "$1 with the JDK in $jdk (the first time, Maven also fetches what it needs) ..."
}

build() {
    prepare 'Building'
    maven -q -DskipTests -pl runner -am package || fail 'the build failed, see above.'
    touch "$stamp"
}

# Built, and no source, resource or pom is newer; folders count too, for files that are gone.
is_built() {
    [ -f "$stamp" ] && [ -z "$(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main "$root"/*/*/src/main \
        -newer "$stamp" 2>/dev/null)" ]
}

case "${1:-}" in
    '')
        build
        cat <<'TEXT'
Seer is built. What next:
  ./setup.sh demo     a long text, read dense and sparse: times, answers, a picture
  bin/seer --help     the command line
  ./setup.sh test     all tests
  ./setup.sh verify   the long checks, which write docs/results.md
TEXT
        ;;
    demo)
        shift
        find_jdk
        is_built || build
        JAVA_HOME=$jdk exec "$root/bin/seer" demo "$@"
        ;;
    test)
        shift
        prepare 'Building and testing'
        tests verify "$@" || fail 'a test or the build failed, see above.'
        touch "$stamp"
        ;;
    verify)
        shift
        prepare 'Building, then the long checks,'
        tests -Pverify verify "$@" || fail 'a check or the build failed, see above.'
        touch "$stamp"
        [ ! -f "$root/docs/results.md" ] || say 'The results are in docs/results.md.'
        ;;
    -h | --help | help)
        usage
        ;;
    *)
        say "setup.sh: '$1' is not known, ./setup.sh --help lists what is."
        exit 2
        ;;
esac
