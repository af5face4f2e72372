package seer.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import seer.model.BackendChoice;
import seer.model.Backends;
import seer.run.cluster.Reading;

/// What can be known to be wrong before a job starts, and is said then, in one sentence.
final class Preflight {
    private Preflight() { }

    /// Checks files, checksum and JVM on the driver.
    ///
    /// @param seen what is known of weights already
    /// @return the place, with the hashes of weights and gates that the driver sees: an executor whose copy is another
    ///         refuses
    static Place check(Place place, Reading reading, SeenWeights seen, SparkSession session) {
        Path model = Locations.local(place.model());
        if (!Files.exists(model)) {
            throw new IllegalArgumentException("model " + place.model() + ": no such folder or file on the driver, "
                    + "wanted a path that is the same on every machine, an address of a Hadoop file system, or "
                    + "files:NAME of what SparkContext.addFile sent");
        }
        String sha256 = seen.sha256(model);
        if (place.sha256() != null && !place.sha256().equals(sha256)) {
            throw new IllegalArgumentException("checksum is " + place.sha256() + ", the weights of " + place.model()
                    + " have SHA-256 " + sha256);
        }
        if (reading.selector().needsGate()) {
            requireGates(place);
        }
        if (Slots.isLocal(session.sparkContext().master())) {
            requireBackend(place);
        }
        return place.sent(sha256, GateFiles.exist(place) ? GateFiles.sha256(place) : null);
    }

    private static void requireGates(Place place) {
        if (!GateFiles.exist(place)) {
            throw new IllegalArgumentException("gate "
                    + (place.gate() == null ? GateFiles.folder(place) : place.gate())
                    + ": there is no config.json in it, wanted a folder of gates, or a selector that needs none, "
                    + "such as dense");
        }
    }

    /// Tasks of local mode run in this JVM, whose options are known.
    private static void requireBackend(Place place) {
        switch (place.choice(1, false).kind()) {
            case AUTO, CPU -> Backends.cpu(1).close();
            case TORNADO -> obstacle(place).ifPresent(reason -> {
                throw new IllegalArgumentException((place.precision() == BackendChoice.Precision.BF16
                        ? "precision is bf16: " : "backend is tornado: ") + reason);
            });
            case SIMULATOR -> Backends.simulator().close();
        }
    }

    private static Optional<String> obstacle(Place place) {
        return place.precision() == BackendChoice.Precision.BF16 ? Backends.tensorCoreObstacle()
                : Backends.tornadoObstacle();
    }
}
