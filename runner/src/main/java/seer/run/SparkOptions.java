package seer.run;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;
import seer.run.cluster.Cluster;
import seer.run.cluster.Crew;
import seer.run.cluster.ModelPlace;

/// Whether other processes share the work. bin/seer reads `--spark` too: it decides what is on the class path.
final class SparkOptions {
    @Option(names = "--spark", paramLabel = "MASTER",
            description = "Share the work on Apache Spark: local[N], spark://HOST:PORT, k8s://URL; see docs/spark.md "
                    + "(default: this process alone).")
    private String master;

    @Option(names = "--spark-conf", paramLabel = "NAME=VALUE", mapFallbackValue = "",
            description = "A setting of Spark's, may be given several times.")
    private Map<String, String> settings = new LinkedHashMap<>();

    boolean asked() {
        return master != null;
    }

    void check() {
        if (master == null && !settings.isEmpty()) {
            throw new UsageException("--spark-conf without --spark, wanted a master too, such as --spark local[2]");
        }
    }

    /// @param command whose work is shared
    /// @param place   of the model
    Crew crew(String command, ModelPlace place) {
        return Cluster.open(command, master, settings).crew(place);
    }
}
