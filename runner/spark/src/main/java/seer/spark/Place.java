package seer.spark;

import java.io.Serializable;
import java.util.Locale;

/// Which model and where it computes, as a task is told: what an [Engine] is opened by.
///
/// @param model     a path, an `hdfs:` or other Hadoop address, or `files:NAME` of what `SparkContext.addFile` sent
/// @param sha256    that the weights must have, in hex; null takes any
/// @param gate      folder of the adapter in one of the same forms; null for the folder `gate` inside the model's
/// @param backend   where to compute
/// @param threads   worker threads of the cpu backend; 0 for the cores of the executor
/// @param bf16      whether a device holds weights, activations and the cache in bf16
record Place(String model, String sha256, String gate, BackendName backend, int threads, boolean bf16)
        implements Serializable {

    /// The backends there are, and the choice among them.
    enum BackendName {
        /// The device where Spark assigned a GPU to the task, else the cpu.
        AUTO,
        CPU,
        TORNADO,
        SIMULATOR;

        static BackendName of(String word) {
            for (BackendName each : values()) {
                if (each.word().equals(word)) {
                    return each;
                }
            }
            throw new IllegalArgumentException("backend is \"" + word + "\", wanted auto, cpu, tornado or simulator");
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Place {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ", wanted at least 0");
        }
        if (bf16 && backend == BackendName.CPU) {
            throw new IllegalArgumentException("precision is bf16 with backend cpu, which computes in f32");
        }
    }

    /// The same, wanting weights of this hash.
    Place requiring(String hash) {
        return new Place(model, hash, gate, backend, threads, bf16);
    }
}
