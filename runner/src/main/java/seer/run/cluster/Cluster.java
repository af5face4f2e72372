package seer.run.cluster;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.DoubleConsumer;

/// Machines that share the work of one command.
public interface Cluster extends AutoCloseable {

    /// Knows how to start one.
    interface Provider {
        /// @param name     of the application
        /// @param master   where: `local[2]`, `spark://host:7077`; null where whoever started this JVM has said it
        /// @param settings of the provider's own, by name
        Cluster open(String name, String master, Map<String, String> settings);
    }

    /// Starts one.
    ///
    /// @throws IllegalStateException if nobody here knows how
    static Cluster open(String name, String master, Map<String, String> settings) {
        return ServiceLoader.load(Provider.class).findFirst().orElseThrow(() -> new IllegalStateException(
                "Apache Spark is not on the class path: ./setup.sh --spark fetches it, and bin/seer finds it there or "
                        + "in SPARK_HOME")).open(name, master, settings);
    }

    /// Reads documents.
    ///
    /// @param progress told the share of the documents that were read
    /// @throws IllegalArgumentException naming what does not fit, before anything is read
    PrefillOutcome prefill(PrefillJob job, DoubleConsumer progress);

    /// Its processes with a model open, which close with it and it with them.
    Crew crew(ModelPlace place);

    @Override
    void close();
}
