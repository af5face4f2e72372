# shellcheck shell=sh
# Finds and checks a TornadoVM SDK without starting it; sourced by setup.sh and bin/seer, after java-home.sh.

seer_tornado_version=5.2.0-jdk25
# JDKs before 25.0.2 lack what its compiler asks of the JVM; those before 25.0.3 let their default collector move
# objects that native code holds (JDK-8377811).
# shellcheck disable=SC2034  # used where this is sourced
seer_tornado_update=3

# seer_tornado_home PROJECT: the SDK's folder, from TORNADOVM_HOME or else from what setup.sh noted; or fails.
seer_tornado_home() {
    if [ -n "${TORNADOVM_HOME:-}" ]; then
        seer_absolute "$TORNADOVM_HOME"
    elif [ -s "$1/.tornadovm" ]; then
        sed -n 1p "$1/.tornadovm"
    else
        false
    fi
}

# seer_tornado_problem FOLDER: says what is wrong with an SDK, without the full stop; fails if nothing is.
seer_tornado_problem() {
    if [ ! -d "$1" ]; then
        printf '%s\n' "the TornadoVM SDK $1 is no folder"
        return
    fi
    set -- "$1" "$1"/share/java/tornado/tornado-api-*.jar
    seer_jar=$2
    if [ ! -f "$seer_jar" ]; then
        printf '%s\n' "$1 is no TornadoVM SDK, it has no share/java/tornado/tornado-api-*.jar"
    elif [ "${seer_jar##*/}" != "tornado-api-$seer_tornado_version.jar" ] || [ $# -gt 2 ]; then
        seer_found=${seer_jar##*/tornado-api-}
        printf '%s\n' "the TornadoVM in $1 has version ${seer_found%.jar}, wanted $seer_tornado_version"
    elif [ ! -f "$1/tornado-argfile" ] && [ ! -f "$1/tornado-argfile.template" ] && [ ! -d "$1/etc/exportLists" ]; then
        printf '%s\n' "$1 is no whole TornadoVM SDK, it has neither tornado-argfile nor etc/exportLists"
    else
        false
    fi
}

# seer_tornado_drivers FOLDER: the drivers in an SDK, as a list with commas.
seer_tornado_drivers() {
    for seer_jar in "$1"/share/java/tornado/tornado-drivers-*-"$seer_tornado_version".jar; do
        seer_driver=${seer_jar##*/tornado-drivers-}
        case $seer_driver in
            common-* | *-jni-* | '*'*) ;;
            *) echo "${seer_driver%-"$seer_tornado_version".jar}" ;;
        esac
    done | paste -sd , -
}

# seer_tornado_link FOLDER PROJECT: the SDK's folder, or where its path has a colon, which parts Java's paths, a link
# to it without one.
seer_tornado_link() {
    case $1 in
        *:*) ;;
        *) printf '%s\n' "$1" && return ;;
    esac
    seer_place=$(seer_written "$2") || return 1
    seer_link=$seer_place/tornado-sdk-$(printf %s "$1" | cksum | tr ' ' -)
    [ "$seer_link" -ef "$1" ] || ln -sn "$1" "$seer_link" 2>/dev/null || [ "$seer_link" -ef "$1" ] || return 1
    printf '%s\n' "$seer_link"
}

# seer_written PROJECT: a folder for what is written at a start: the project's own, or where that is read-only one of
# the user's among temporary files.
seer_written() {
    if mkdir -p "$1/runner/target" 2>/dev/null && [ -w "$1/runner/target" ]; then
        printf '%s\n' "$1/runner/target"
        return
    fi
    for seer_place in "${TMPDIR:-/tmp}" /tmp; do
        seer_place=$(seer_absolute "$seer_place")/seer-$(id -u)
        (umask 077 && mkdir -p "$seer_place") 2>/dev/null || continue
        if [ -O "$seer_place" ] && [ -w "$seer_place" ] && [ "${seer_place#*:}" = "$seer_place" ]; then
            printf '%s\n' "$seer_place"
            return
        fi
    done
    return 1
}

# seer_tornado_argfile FOLDER PROJECT: prints the file with the JVM's options for an SDK. Its own file holds absolute
# paths, without quotes; where they lead elsewhere or ask for quotes, or there is only the template, one is written.
# Its name comes from its content: what is there is never changed, so that several SDKs can start side by side.
# The last one is tornado-argfile too, for a look.
seer_tornado_argfile() {
    if [ -f "$1/tornado-argfile" ] && [ "$(seer_argument "$1")" = "$1" ] &&
        [ "$(seer_tornado_built "$1")/share/java/tornado" -ef "$1/share/java/tornado" ]; then
        printf '%s\n' "$1/tornado-argfile"
        return
    fi
    seer_place=$(seer_written "$2") || return 1
    seer_draft=$seer_place/tornado-argfile.$$
    seer_tornado_options "$1" >"$seer_draft" || { rm -f "$seer_draft"; return 1; }
    seer_file=$seer_place/tornado-argfile-$(cksum <"$seer_draft" | tr ' ' -)
    mv "$seer_draft" "$seer_file" || return 1
    ln -s "${seer_file##*/}" "$seer_draft" && mv "$seer_draft" "$seer_place/tornado-argfile" || return 1
    printf '%s\n' "$seer_file"
}

# seer_tornado_copy FOLDER FILE: the same in a file of a given name, for Maven; or says what is wrong, and fails.
seer_tornado_copy() {
    if seer_wrong=$(seer_tornado_problem "$1"); then
        printf '%s.\n' "$seer_wrong" >&2
        return 1
    fi
    seer_tornado_options "$1" >"$2"
}

# seer_tornado_built FOLDER: the folder that the SDK's own file of options was written for.
seer_tornado_built() {
    sed -n 's/^--module-path[ =]\(.*:\)\{0,1\}\([^:]*\)\/share\/java\/tornado\(:.*\)\{0,1\}$/\2/p' \
        "$1/tornado-argfile" | sed -n 1p
}

# seer_tornado_options FOLDER: the JVM's options for an SDK, an option a line, as an argument file wants them.
seer_tornado_options() {
    if [ -f "$1/tornado-argfile.template" ]; then
        # shellcheck disable=SC2016  # the placeholder's name
        seer_moved '${TORNADOVM_HOME}' "$1" <"$1/tornado-argfile.template"
    elif [ -d "$1/etc/exportLists" ]; then
        seer_tornado_listed "$1"
    else
        seer_moved "$(seer_tornado_built "$1")" "$1" <"$1/tornado-argfile"
    fi
}

# seer_moved OLD NEW: options with one folder put in the place of another, quoted where they ask for it. A module path
# begins with the current folder, where any jar could turn into a module: left out. No word of awk's own or sed's reads
# the folders, in which every character stands for itself.
seer_moved() {
    SEER_OLD=$1 SEER_NEW=$2 LC_ALL=C awk '
        function argument(word,    i, out) {
            if (word !~ /[ \t\f"#\\'\'']/) return word
            for (i = 1; i <= length(word); i++) {
                out = out (index("\"\\", substr(word, i, 1)) ? "\\" : "") substr(word, i, 1)
            }
            return "\"" out "\""
        }
        function moved(text,    at, out) {
            while ((at = index(text, ENVIRON["SEER_OLD"])) > 0) {
                out = out substr(text, 1, at - 1) ENVIRON["SEER_NEW"]
                text = substr(text, at + length(ENVIRON["SEER_OLD"]))
            }
            return out text
        }
        /^[ \t]*(#|$)/ { next }
        ENVIRON["SEER_OLD"] == "" || index($0, ENVIRON["SEER_OLD"]) == 0 { print; next }
        {
            option = ""
            if (match($0, /^--[a-z-]+[ \t]+/)) {
                option = substr($0, 1, RLENGTH)
                $0 = substr($0, RLENGTH + 1)
            }
            sub(/^\.:/, "")
            print option argument(moved($0))
        }'
}

# seer_argument WORD: as it stands in an argument file.
seer_argument() {
    echo x | seer_moved x "$1"
}

seer_tornado_listed() {
    seer_drivers=$(seer_tornado_drivers "$1")
    seer_list=,$seer_drivers
    seer_list=$(echo "$seer_list" | sed 's/,/,tornado.drivers./g')
    seer_root=uk.ac.manchester.tornado
    cat <<TEXT
-XX:+UnlockExperimentalVMOptions
-XX:+EnableJVMCI
--enable-preview
$(seer_argument "-Djava.library.path=$1/lib")
-Dtornado.load.api.implementation=$seer_root.runtime.tasks.TornadoTaskGraph
-Dtornado.load.runtime.implementation=$seer_root.runtime.TornadoCoreRuntime
-Dtornado.load.tornado.implementation=$seer_root.runtime.common.Tornado
-Dtornado.load.annotation.implementation=$seer_root.annotation.ASMClassVisitor
-Dtornado.load.annotation.parallel=$seer_root.api.annotations.Parallel
--enable-native-access=${seer_list#,}
--module-path $(seer_argument "$1/share/java/tornado")
--upgrade-module-path $(seer_argument "$1/share/java/graalJars")
--add-modules ALL-SYSTEM,tornado.runtime,tornado.annotation,tornado.drivers.common$seer_list
TEXT
    for seer_driver in common $(echo "$seer_drivers" | tr , ' '); do
        sed '/^ *#/d; /^ *$/d' "$1/etc/exportLists/$seer_driver-exports" 2>/dev/null || return 1
    done
}

# seer_tornado_memory: how much of a device's memory TornadoVM may take in all. It takes only what it needs; its own
# limit of 4 GB is soon reached. Nine tenths of an NVIDIA device, else half of the machine's memory.
seer_tornado_memory() {
    seer_mib=$(nvidia-smi --query-gpu=memory.total --format=csv,noheader,nounits 2>/dev/null | sed -n 1p) || seer_mib=
    case $seer_mib in
        '' | *[!0-9]*) ;;
        *) echo "$((seer_mib * 9 / 10))MB" && return ;;
    esac
    if [ -r /proc/meminfo ]; then
        echo "$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 2048))MB"
    else
        echo "$(($(sysctl -n hw.memsize 2>/dev/null || echo 8589934592) / 2097152))MB"
    fi
}

# seer_tornado_extension FOLDER PROJECT: the folder with the compiler extension that was built for an SDK; or fails.
seer_tornado_extension() {
    seer_built=$2/runner/target/extension
    [ -s "$seer_built/sdk" ] && [ "$(sed -n 1p "$seer_built/sdk")" -ef "$1" ] && printf '%s\n' "$seer_built/classes"
}

# What of the compiler and of TornadoVM's CUDA backend the extension reaches into, a JVM option a line.
seer_tornado_exports() {
    for seer_package in core.common core.common.type graph lir lir.gen lir.asm nodeinfo nodes nodes.graphbuilderconf \
        nodes.memory nodes.spi nodes.calc phases.util; do
        echo "--add-exports=jdk.graal.compiler/jdk.graal.compiler.$seer_package=ALL-UNNAMED"
    done
    echo --add-exports=jdk.internal.vm.ci/jdk.vm.ci.meta=ALL-UNNAMED
    echo --add-exports=jdk.internal.vm.ci/jdk.vm.ci.code=ALL-UNNAMED
    echo --add-opens=tornado.drivers.cuda/uk.ac.manchester.tornado.drivers.cuda=ALL-UNNAMED
}
