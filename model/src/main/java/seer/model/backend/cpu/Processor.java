package seer.model.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import seer.model.backend.BackendUnavailableException;

/// How the processor names itself, and whether this JVM can use its vectors.
final class Processor {
    private static final String VECTOR_API = "jdk.incubator.vector";
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    private Processor() {
    }

    /// The model name that Linux reports, otherwise the architecture.
    static String name() {
        String architecture = System.getProperty("os.arch");
        try (var lines = Files.lines(CPUINFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst().orElse(architecture);
        } catch (IOException e) {
            return architecture; // not Linux
        }
    }

    /// An incubating module is there only where it is asked for; without this check a class of it is missed later on.
    static void requireVectors() {
        if (ModuleLayer.boot().findModule(VECTOR_API).isEmpty()) {
            throw new BackendUnavailableException("cpu", "this JVM runs without the module " + VECTOR_API,
                    "start it with --add-modules " + VECTOR_API);
        }
    }

    /// Vector width and Java version.
    static String detail() {
        return Lanes.SPECIES.vectorBitSize() + "-bit vectors, Java " + Runtime.version();
    }
}
