#!/usr/bin/env bash
# Builds Seer, shows it, tests it. Needs a JDK 25, and fetches one into .jdk/ where there is none.
set -euo pipefail

self=${BASH_SOURCE[0]}
while [ -h "$self" ]; do
    link=$(readlink "$self")
    case $link in
        /*) self=$link ;;
        *) self=$(dirname -- "$self")/$link ;;
    esac
done
here=$(dirname -- "$self")
jdk_release=25.0.3+9
# shellcheck source=bin/java-home.sh
. "$here/bin/java-home.sh"
# shellcheck source=bin/tornadovm.sh
. "$here/bin/tornadovm.sh"
# shellcheck source=bin/spark.sh
. "$here/bin/spark.sh"

usage() {
    cat <<'TEXT'
Usage: ./setup.sh [demo [ARGUMENTS] | test [--tornadovm] [MAVEN OPTIONS] | verify [MAVEN OPTIONS]
                  | --tornadovm [DIR] | --spark | --help]

  (nothing)  build Seer and say what can be done next
  demo       build if something changed, then run bin/seer demo with these arguments
  test       build and run all tests but the slow ones (-Dtest=NameTest: one of them)
             with --tornadovm: the tests tagged tornado instead, on TornadoVM's default device
  verify     build and run the slow tests, which write docs/results.md
  --tornadovm DIR    use the TornadoVM SDK in this folder from now on; TORNADOVM_HOME goes before it
  --tornadovm        fetch one with SDKMAN, without it the release's archive into .tornado/
  --spark    build what runs on Apache Spark, and fetch Spark (about 230 MB) into .spark/, unless SPARK_HOME names one

A JDK 25 is looked for in JAVA_HOME, on PATH, in .jdk/ and in the usual folders; where there is none, a pinned
Eclipse Temurin release is fetched into .jdk/. Maven comes from PATH if it is 3.8.1 or newer, else from ./mvnw.
TEXT
}

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "setup.sh: $*"
    exit 1
}

root=$(seer_project "$here") || fail "$root."
case $root in
    *\\*) fail "the path $root has a backslash, which Maven takes for a slash: build in another folder." ;;
esac
stamp=$root/runner/target/seer.built
# Cron and some containers set neither a home nor a locale. Without HOME the tilde is the home of the user database.
[ -n "${HOME:-}" ] || { unset HOME && export HOME=~; }
! locale=$(seer_locale) || [ -z "$locale" ] || export LC_ALL="$locale"

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
    fi | sed 's/^\\//; s/ .*//' # a backslash before the sum of a file whose name has one
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
    # Jansi ends with a reset of colours, wherever its output goes.
    export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Djansi.noreset=true \
        ${MAVEN_OPTS:-}"
    "$mvn" -B -Dstyle.color=never --no-transfer-progress "-Dseer.commit=$(commit)" "$@"
)

# The commit that is built, and whether files differ from it; nothing outside of a Git checkout.
commit() {
    [ ! -e "$root/.git" ] ||
        git -C "$root" describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || true
}

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

# Names the SDK for bin/seer, once it has been checked.
use_tornadovm() {
    local folder problem
    folder=$(CDPATH='' cd -- "$1" 2>/dev/null && pwd -P) || fail "the TornadoVM SDK $1 is no folder."
    ! problem=$(seer_tornado_problem "$folder") || fail "$problem."
    seer_runtime "$root" "$seer_tornado_update" >/dev/null ||
        fail "TornadoVM $seer_tornado_version needs a JDK 25 from 25.0.$seer_tornado_update on, and none was found."
    printf '%s\n' "$folder" >"$root/.tornadovm"
    say "TornadoVM $seer_tornado_version in $folder is set up: bin/seer devices lists what it sees."
    [ -z "${TORNADOVM_HOME:-}" ] || [ "$TORNADOVM_HOME" -ef "$folder" ] ||
        say "TORNADOVM_HOME names another one, $TORNADOVM_HOME, and goes before it."
    if [ -f "$root/runner/target/lib/warp.jar" ]; then
        find_jdk
        build_extension "$folder"
    fi
}

# With SDKMAN where it is installed, else from the release page.
fetch_tornadovm() {
    local flavour=opencl system=linux-amd64 sdkman=${SDKMAN_DIR:-$HOME/.sdkman} version archive problem
    if command -v nvidia-smi >/dev/null || ldconfig -p 2>/dev/null | grep -q 'libcuda[.]so[.]1'; then
        flavour=cuda
    fi
    [ "$(uname -s)" != Darwin ] || system=mac-aarch64
    version=$seer_tornado_version-$flavour
    archive=tornadovm-$version-$system.zip
    if [ -s "$sdkman/bin/sdkman-init.sh" ]; then
        say "Installing TornadoVM $version with SDKMAN ..."
        sdkman_install "$sdkman" "$version" >&2 || true
        [ ! -d "$sdkman/candidates/tornadovm/$version" ] || {
            use_tornadovm "$sdkman/candidates/tornadovm/$version"
            return
        }
        say "SDKMAN could not install tornadovm $version."
    fi
    if problem=$(unpack_tornadovm_release "$archive" "$root/.tornado/$version"); then
        use_tornadovm "$root/.tornado/$version"
        return
    fi
    fail "$problem: please get $archive from" \
        "https://github.com/beehive-lab/TornadoVM/releases/tag/v$seer_tornado_version, unpack it, and run" \
        './setup.sh --tornadovm DIR with its folder.'
}

# unpack_tornadovm_release ARCHIVE FOLDER: fetches it and holds it against the checksum that the release page's
# interface states for it; or says why not, without the full stop, and fails.
unpack_tornadovm_release() {
    local release=beehive-lab/TornadoVM/releases checksum
    mkdir -p "$root/.tornado"
    parts=$(mktemp -d "$root/.tornado/fetch.XXXXXX")
    trap 'rm -rf "$parts"' EXIT
    say "Fetching $1 from the release page of TornadoVM ..."
    download "https://api.github.com/repos/$release/tags/v$seer_tornado_version" "$parts/release.json" 2>/dev/null || {
        echo 'the release page of TornadoVM cannot be reached'
        return 1
    }
    # Of each file the name, then its digest, on lines of their own.
    checksum=$(tr ',{}' '\n\n\n' <"$parts/release.json" | sed -nE 's/^ *"(name|digest)" *: *"(.*)" *$/\2/p' |
        awk -v name="$1" 'found { print; exit } $0 == name { found = 1 }' | sed -nE 's/^sha256:([0-9a-f]{64})$/\1/p')
    if [ -z "$checksum" ]; then
        echo "the release page of TornadoVM states no checksum of $1"
    elif ! command -v unzip >/dev/null; then
        echo 'unpacking the archive needs unzip, which is not installed'
    elif ! download "https://github.com/$release/download/v$seer_tornado_version/$1" "$parts/sdk.zip" 2>/dev/null; then
        echo "$1 cannot be fetched"
    elif [ "$(sha256 "$parts/sdk.zip")" != "$checksum" ]; then
        echo "what came as $1 does not have the checksum $checksum, so it was thrown away"
    elif ! unzip -q "$parts/sdk.zip" -d "$parts/sdk" || ! place_tornadovm "$parts/sdk" "$2"; then
        echo "$1 does not hold one folder with share/java/tornado"
    else
        return 0
    fi
    return 1
}

# place_tornadovm UNPACKED FOLDER: moves the SDK, at the top or one folder down, to its place as a whole.
place_tornadovm() {
    local api
    for api in "$1"/share/java/tornado "$1"/*/share/java/tornado; do
        [ ! -d "$api" ] || {
            rm -rf "$2"
            mv "${api%/share/java/tornado}" "$2"
            return
        }
    done
    return 1
}

# SDKMAN is a shell function that was not written for these options; it asks whether to make a version the default.
sdkman_install() (
    set +eu
    # shellcheck disable=SC1091
    . "$1/bin/sdkman-init.sh"
    echo n | sdk install tornadovm "$2"
)

test_on_tornadovm() {
    local sdk problem start ran
    sdk=$(seer_tornado_home "$root") ||
        fail 'no TornadoVM is set up, neither by TORNADOVM_HOME nor by ./setup.sh --tornadovm.'
    ! problem=$(seer_tornado_problem "$sdk") || fail "$problem."
    jdk=$(seer_java_home "$root" "$seer_tornado_update") ||
        fail "TornadoVM $seer_tornado_version needs a JDK 25 from 25.0.$seer_tornado_update on, and none was found."
    find_maven
    sdk=$(seer_tornado_link "$sdk" "$root") || fail "no link to $sdk, whose name has a colon, can be made."
    say "Building and testing on TornadoVM in $sdk with the JDK in $jdk ..."
    mkdir -p "$root/tests/target"
    start=$root/tests/target/device-tests.start
    touch "$start"
    TORNADOVM_HOME=$sdk tests "-Dtornado.home=$sdk" verify "$@" || fail 'a test or the build failed, see above.'
    built
    ran=$(device_tests "$start")
    [ "$ran" -gt 0 ] || fail 'no test ran on the device.'
    say "$ran tests ran on the device."
}

# device_tests FILE: how many tests ran since the file was touched and were not skipped, the one that compares the
# simulator's signatures apart.
device_tests() {
    find "$root/tests/target/surefire-reports" -name 'TEST-*.xml' ! -name '*ApiParityTest.xml' -newer "$1" \
        -exec sed -n 's/.*<testsuite .* tests="\([0-9]*\)".* skipped="\([0-9]*\)".*/\1 \2/p' {} + 2>/dev/null |
        awk '{ ran += $1 - $2 } END { print ran + 0 }'
}

build() {
    prepare 'Building'
    maven -q -DskipTests -pl runner -am package || fail 'the build failed, see above.'
    built
}

# Notes that the jars are of the sources, and makes the compiler extension anew: one of older classes would not fit them.
built() {
    local sdk
    touch "$stamp"
    rm -rf "$root/runner/target/extension"
    ! sdk=$(seer_tornado_home "$root") || seer_tornado_problem "$sdk" >/dev/null || build_extension "$sdk"
}

# The part for Spark, and Spark itself where nobody has it: its jars from Maven Central, laid out as a release is.
build_spark() {
    local problem goals=(-Pspark-home)
    if [ -n "${SPARK_HOME:-}" ]; then
        ! problem=$(seer_spark_problem "$SPARK_HOME") || fail "$problem."
        goals=()
    fi
    prepare 'Building with Spark'
    maven -q -DskipTests "${goals[@]}" -pl runner/spark -am package || fail 'the build failed, see above.'
    built
    say "Spark in $(seer_spark_home "$root") is set up: bin/seer spark-prefill --help, and docs/spark.md."
}

# build_extension SDK: compiles the extension that teaches operations of a warp to TornadoVM's CUDA backend. Where that
# fails the portable kernels do everything; bin/seer devices says so.
build_extension() {
    local place=$root/runner/target/extension source=$root/tornado-kernels/warp/compiler/src/main exports
    rm -rf "$place"
    [ -f "$1/share/java/tornado/tornado-drivers-cuda-$seer_tornado_version.jar" ] || return 0
    mkdir -p "$place/classes"
    exports=$(seer_tornado_exports | grep -e --add-exports | tr '\n' ' ')
    # shellcheck disable=SC2086  # options without blanks
    if find "$source/java" -name '*.java' -exec "$jdk/bin/javac" -nowarn -g -proc:none -d "$place/classes" \
        -cp "$root/runner/target/lib/warp.jar:$(find "$1/share/java" -name '*.jar' | paste -sd : -)" \
        --add-modules jdk.internal.vm.ci $exports {} + >"$place/log" 2>&1; then
        cp -R "$source/resources/." "$place/classes"
        printf '%s\n' "$1" >"$place/sdk"
        say "The compiler extension for tensor cores is built."
    else
        say "The compiler extension for tensor cores cannot be built, see $place/log; the other kernels do without."
    fi
}

# Built, and no source, resource or pom is newer; folders count too, for files that are gone.
is_built() {
    [ -f "$stamp" ] && [ -z "$(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/*/pom.xml \
        "$root"/*/src/main "$root"/*/*/src/main "$root"/*/*/*/src/main \
        -newer "$stamp" 2>/dev/null)" ]
}

case "${1:-}" in
    '')
        build
        cat <<'TEXT'
Seer is built. What next:
  ./setup.sh demo     a long text, read dense and sparse: times, answers, a picture
  bin/seer --help     the command line
  ./setup.sh test     all tests but the slow ones
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
        if [ "${1:-}" = --tornadovm ]; then
            shift
            test_on_tornadovm "$@"
            exit
        fi
        prepare 'Building and testing'
        tests verify "$@" || fail 'a test or the build failed, see above.'
        built
        ;;
    verify)
        shift
        prepare 'Building, then the long checks,'
        tests -Pverify verify "$@" || fail 'a check or the build failed, see above.'
        built
        [ ! -f "$root/docs/results.md" ] || say 'The results are in docs/results.md.'
        ;;
    --tornadovm)
        if [ -n "${2:-}" ]; then
            use_tornadovm "$2"
        else
            fetch_tornadovm
        fi
        ;;
    --spark)
        build_spark
        ;;
    -h | --help | help)
        usage
        ;;
    *)
        say "setup.sh: '$1' is not known, ./setup.sh --help lists what is."
        exit 2
        ;;
esac
