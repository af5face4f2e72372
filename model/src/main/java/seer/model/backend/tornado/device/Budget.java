package seer.model.backend.tornado.device;

import java.util.Locale;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.tornado.sdk.Installation;

/// How much device memory there is, and whether what was asked for fits.
final class Budget {
    private static final String PROPERTY = "tornado.device.memory";
    /// TornadoVM's own default.
    private static final String DEFAULT = "4GB";

    private final long limit;
    private long used;

    /// @param device bytes that the device has
    Budget(long device) {
        limit = Math.min(device, parse(System.getProperty(PROPERTY, DEFAULT)));
    }

    /// Bytes that are left.
    long left() {
        return limit - used;
    }

    /// Counts bytes of device memory, or fails in one sentence if there are not so many.
    ///
    /// @param owner whose they are to be
    void take(long bytes, String owner) {
        if (bytes > left()) {
            throw new BackendUnavailableException(Installation.NAME,
                    String.format(Locale.ROOT, "%s needs %,d MiB more device memory than the %,d MiB that are taken, "
                            + "and %,d MiB may be used", owner, bytes >> 20, used >> 20, limit >> 20),
                    "raise -D" + PROPERTY + " (now " + System.getProperty(PROPERTY, DEFAULT)
                            + "), shorten the text, or read it in smaller chunks (--chunk)");
        }
        used += bytes;
    }

    void give(long bytes) {
        used -= bytes;
    }

    private static long parse(String size) {
        String digits = size.replaceAll("[^0-9]", "");
        long number = digits.isEmpty() ? 0 : Long.parseLong(digits);
        String unit = size.toUpperCase(Locale.ROOT);
        return unit.contains("G") ? number << 30 : unit.contains("M") ? number << 20
                : unit.contains("K") ? number << 10 : number;
    }
}
