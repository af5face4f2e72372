package seer.spark;

import java.io.Serializable;
import java.util.Optional;
import seer.model.BackendChoice;

/// Which model and where it computes, as a task is told: what an [Engine] is opened by.
///
/// @param model     a path, an `hdfs:` or other Hadoop address, or `files:NAME` of what `SparkContext.addFile` sent
/// @param sha256    that the weights must have, in hex; null takes any
/// @param gate      folder of the adapter in one of the same forms; null for the folder `gate` inside the model's
/// @param gates     SHA-256 that the adapter's files must have where it is read, in hex; null takes any
/// @param backend   where to compute
/// @param threads   worker threads of the cpu backend; 0 for the cores of the executor
/// @param precision of weights, activations and the cache on a device, and of products on the cpu
record Place(String model, String sha256, String gate, String gates, BackendChoice.Kind backend, int threads,
        BackendChoice.Precision precision) implements Serializable {

    Place {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ", wanted at least 0");
        }
        BackendChoice.clash(backend, precision, "").ifPresent(sentence -> {
            throw new IllegalArgumentException(sentence);
        });
    }

    /// Where a task computes: as everywhere, only that `auto` goes by what Spark gave the task.
    ///
    /// @param cores  threads where none are named
    /// @param device whether Spark assigned it a GPU
    BackendChoice choice(int cores, boolean device) {
        return new BackendChoice(backend, precision, threads == 0 ? cores : threads)
                .decided(device ? Optional.empty() : Optional.of("Spark assigned no GPU"));
    }

    /// The same for machines in other folders, wanting weights and gates of these hashes.
    Place sent(String hash, String ofGates) {
        return new Place(Locations.absolute(model), hash, gate == null ? null : Locations.absolute(gate), ofGates,
                backend, threads, precision);
    }
}
