package seer.model.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How the processor names itself.
final class Processor {
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

    /// Vector width and Java version.
    static String detail() {
        return Lanes.SPECIES.vectorBitSize() + "-bit vectors, Java " + Runtime.version();
    }
}
