# shellcheck shell=sh
# Finds Apache Spark and what a JVM needs for it; sourced by setup.sh and bin/seer.

# The version that Seer is built with; any of the same beginning will do.
seer_spark_version=4.2

# seer_spark_home PROJECT: prints the folder of Spark, SPARK_HOME before what ./setup.sh --spark put into .spark/; fails
# where there is none.
seer_spark_home() {
    if [ -n "${SPARK_HOME:-}" ]; then
        printf '%s\n' "$SPARK_HOME"
    elif [ -d "$1/.spark/jars" ]; then
        printf '%s\n' "$1/.spark"
    else
        return 1
    fi
}

# seer_spark_problem HOME: why it cannot be used, without the full stop; fails where it can.
seer_spark_problem() {
    for seer_jar in "$1"/jars/spark-mllib_2.13-*.jar; do
        case $seer_jar in
            *"/spark-mllib_2.13-$seer_spark_version".*.jar)
                case $1 in
                    *:*) break ;;
                    *) return 1 ;;
                esac
                ;;
        esac
    done
    case $1 in
        *:*) printf '%s\n' "the path of Spark, $1, has a colon, where Java parts the entries of a class path" ;;
        *) printf '%s\n' "there is no Spark $seer_spark_version in $1: no spark-mllib_2.13-$seer_spark_version*.jar in its\
 folder jars" ;;
    esac
}

# seer_spark_options: what Spark's own launchers open of the JDK 25, a word a line.
seer_spark_options() {
    for seer_package in java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util \
        java.util.concurrent java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.util.calendar; do
        echo "--add-opens=java.base/$seer_package=ALL-UNNAMED"
    done
    echo --add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED
    echo -Dio.netty.tryReflectionSetAccessible=true
    echo -Dio.netty.allocator.type=pooled
    echo -Dio.netty.handler.ssl.defaultEndpointVerificationAlgorithm=NONE
    echo --sun-misc-unsafe-memory-access=allow
}
