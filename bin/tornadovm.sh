# shellcheck shell=sh
# Finds and checks a TornadoVM SDK without starting it; sourced by setup.sh and bin/seer.

seer_tornado_version=5.2.0-jdk25
# JDKs before 25.0.2 lack what its compiler asks of the JVM.
# shellcheck disable=SC2034  # used where this is sourced
seer_tornado_update=2

# seer_tornado_home PROJECT: the SDK's folder, from TORNADOVM_HOME or else from what setup.sh noted; or fails.
seer_tornado_home() {
    if [ -n "${TORNADOVM_HOME:-}" ]; then
        echo "$TORNADOVM_HOME"
    elif [ -s "$1/.tornadovm" ]; then
        sed -n 1p "$1/.tornadovm"
    else
        false
    fi
}

# seer_tornado_problem FOLDER: says what is wrong with an SDK, without the full stop; fails if nothing is.
seer_tornado_problem() {
    if [ ! -d "$1" ]; then
        echo "the TornadoVM SDK $1 is no folder"
        return
    fi
    set -- "$1" "$1"/share/java/tornado/tornado-api-*.jar
    seer_jar=$2
    if [ ! -f "$seer_jar" ]; then
        echo "$1 is no TornadoVM SDK, it has no share/java/tornado/tornado-api-*.jar"
    elif [ "${seer_jar##*/}" != "tornado-api-$seer_tornado_version.jar" ] || [ $# -gt 2 ]; then
        seer_found=${seer_jar##*/tornado-api-}
        echo "the TornadoVM in $1 has version ${seer_found%.jar}, wanted $seer_tornado_version"
    elif [ ! -f "$1/tornado-argfile" ] && [ ! -f "$1/tornado-argfile.template" ] && [ ! -d "$1/etc/exportLists" ]; then
        echo "$1 is no whole TornadoVM SDK, it has neither tornado-argfile nor etc/exportLists"
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

# seer_tornado_argfile FOLDER PROJECT: prints the file with the JVM's options for an SDK. Its own file holds absolute
# paths; where they lead nowhere or there is only the template, one is written into the project.
seer_tornado_argfile() {
    if [ -f "$1/tornado-argfile" ]; then
        seer_modules=$(sed -n 's/^--module-path[ =]\([^:]*:\)*\(.*\)$/\2/p' "$1/tornado-argfile" | sed -n 1p)
        if [ -d "$seer_modules" ]; then
            echo "$1/tornado-argfile"
            return
        fi
    fi
    mkdir -p "$2/runner/target"
    seer_written=$2/runner/target/tornado-argfile
    seer_tornado_options "$1" >"$seer_written.$$" && mv "$seer_written.$$" "$seer_written" && echo "$seer_written"
}

seer_tornado_options() {
    if [ -f "$1/tornado-argfile.template" ]; then
        # Its module path begins with the current folder, where any jar could turn into a module.
        sed "s|^--module-path \.:|--module-path |; s|\${TORNADOVM_HOME}|$1|g" "$1/tornado-argfile.template"
        return
    fi
    seer_drivers=$(seer_tornado_drivers "$1")
    seer_list=,$seer_drivers
    seer_list=$(echo "$seer_list" | sed 's/,/,tornado.drivers./g')
    seer_root=uk.ac.manchester.tornado
    cat <<TEXT
-XX:+UnlockExperimentalVMOptions
-XX:+EnableJVMCI
--enable-preview
-Djava.library.path=$1/lib
-Dtornado.load.api.implementation=$seer_root.runtime.tasks.TornadoTaskGraph
-Dtornado.load.runtime.implementation=$seer_root.runtime.TornadoCoreRuntime
-Dtornado.load.tornado.implementation=$seer_root.runtime.common.Tornado
-Dtornado.load.annotation.implementation=$seer_root.annotation.ASMClassVisitor
-Dtornado.load.annotation.parallel=$seer_root.api.annotations.Parallel
--module-path $1/share/java/tornado
--upgrade-module-path $1/share/java/graalJars
--add-modules ALL-SYSTEM,tornado.runtime,tornado.annotation,tornado.drivers.common$seer_list
TEXT
    for seer_driver in common $(echo "$seer_drivers" | tr , ' '); do
        sed '/^ *#/d; /^ *$/d' "$1/etc/exportLists/$seer_driver-exports"
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
