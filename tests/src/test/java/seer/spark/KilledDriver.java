package seer.spark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line in a JVM of its own, with the options of this one, to be killed.
final class KilledDriver {
    private KilledDriver() { }

    static Process start(List<String> command, Path log) throws IOException {
        return start(command, log, true);
    }

    /// @param vectors whether the Vector API is there
    static Process start(List<String> command, Path log, boolean vectors) throws IOException {
        var words = new ArrayList<String>();
        words.add(System.getProperty("java.home") + "/bin/java");
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-opens") || option.startsWith("--enable-native")
                        || option.startsWith("--sun-misc") || vectors && option.startsWith("--add-modules"))
                .forEach(words::add);
        words.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path"), "seer.run.Main"));
        words.addAll(command);
        return new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }
}
