package seer.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;

/// Which model and where it computes, as a task is told: what an [Engine] is opened by.
///
/// @param model     a path, an `hdfs:` or other Hadoop address, or `files:NAME` of what `SparkContext.addFile` sent
/// @param sha256    that the weights must have, in hex; null takes any
/// @param gate      folder of the adapter in one of the same forms; null for the folder `gate` inside the model's
/// @param gates     SHA-256 that the adapter's files must have where it is read, in hex; null takes any
/// @param backend   where to compute
/// @param threads   worker threads of the cpu backend; 0 for the cores of the executor
/// @param precision of weights, activations and the cache on a device
record Place(String model, String sha256, String gate, String gates, BackendName backend, int threads,
        Precision precision) implements Serializable {

    /// The backends there are, and the choice among them.
    enum BackendName {
        /// The device where Spark assigned a GPU to the task, else the cpu.
        AUTO,
        CPU,
        TORNADO,
        SIMULATOR;

        static BackendName of(String word) {
            return named("backend", word, values());
        }
    }

    /// The precisions there are, and the choice among them.
    enum Precision {
        /// Bf16 where the device has tensor cores and the model suits them, else f32.
        AUTO,
        F32,
        BF16,
        /// Products with weights of four bits in whole numbers, on the cpu.
        INT8;

        static Precision of(String word) {
            return named("precision", word, values());
        }
    }

    private static <E extends Enum<E>> E named(String what, String word, E[] choices) {
        var words = Arrays.stream(choices).map(each -> each.name().toLowerCase(Locale.ROOT)).toList();
        if (!words.contains(word)) {
            throw new IllegalArgumentException(what + " is \"" + word + "\", wanted one of "
                    + String.join(", ", words));
        }
        return choices[words.indexOf(word)];
    }

    Place {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ", wanted at least 0");
        }
        if (precision == Precision.BF16 && backend == BackendName.CPU) {
            throw new IllegalArgumentException("precision is bf16 with backend cpu, which computes in f32 or int8");
        }
        if (precision == Precision.INT8 && backend != BackendName.CPU) {
            throw new IllegalArgumentException("precision is int8 with backend "
                    + backend.name().toLowerCase(Locale.ROOT) + ", wanted cpu: only it computes so");
        }
    }

    /// The same for machines in other folders, wanting weights and gates of these hashes.
    Place sent(String hash, String ofGates) {
        return new Place(Locations.absolute(model), hash, gate == null ? null : Locations.absolute(gate), ofGates,
                backend, threads, precision);
    }
}
