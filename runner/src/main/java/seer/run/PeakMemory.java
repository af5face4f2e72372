package seer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The largest resident memory of this process, as Linux counts it.
final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    private PeakMemory() { }

    /// Starts counting anew, where the system lets us: else the peak is that of the whole process.
    static void reset() {
        try {
            Files.writeString(CLEAR, "5"); // proc(5): resets VmHWM to what is resident now
        } catch (IOException | SecurityException e) {
            return;
        }
    }

    /// MiB, or NaN where the system does not tell.
    static double mebibytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Double.NaN;
        }
        return Double.NaN;
    }
}
