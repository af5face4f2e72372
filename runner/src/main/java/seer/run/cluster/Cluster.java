package seer.run.cluster;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import seer.eval.Samples;
import seer.eval.plan.Library;
import seer.eval.plan.Measurer;
import seer.gate.train.GradientSource;

/// Processes that share the work of one command. The command does what it does alone, but for the part that it hands
/// over here; what comes out is the same.
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

    /// Measures what is missing of tasks.
    ///
    /// @param library of the texts and gates that specifications name, for this process
    /// @param samples what is there; takes what is measured
    /// @param each    told after every part that arrived
    Measurer measurer(ModelPlace place, Library library, Samples samples, Consumer<Samples> each);

    /// Computes the gradients of a training.
    GradientSource gradients(ModelPlace place, TrainingJob job);

    @Override
    void close();
}
