package seer.model.backend.tornado;

import java.util.Locale;
import java.util.function.LongSupplier;
import seer.model.backend.BackendUnavailableException;

/// How much device memory there is, and whether what was asked for fits.
final class Budget {
    private static final String PROPERTY = "tornado.device.memory";
    /// TornadoVM's own default.
    private static final String DEFAULT = "4GB";

    private final long limit;
    private LongSupplier used = () -> 0;

    /// @param device bytes that the device has
    Budget(long device) {
        limit = Math.min(device, parse(System.getProperty(PROPERTY, DEFAULT)));
    }

    void watch(LongSupplier bytes) {
        used = bytes;
    }

    /// Bytes that are left.
    long left() {
        return limit - used.getAsLong();
    }

    /// Fails in one sentence if more is in use than there is.
    void require() {
        if (left() < 0) {
            throw new BackendUnavailableException(Device.NAME,
                    String.format(Locale.ROOT, "weights, caches and buffers need at least %,d MiB of device memory, "
                            + "and %,d MiB may be used", used.getAsLong() >> 20, limit >> 20),
                    "raise -D" + PROPERTY + " (now " + System.getProperty(PROPERTY, DEFAULT)
                            + "), shorten the text, or read it in smaller chunks (--chunk)");
        }
    }

    private static long parse(String size) {
        String digits = size.replaceAll("[^0-9]", "");
        long number = digits.isEmpty() ? 0 : Long.parseLong(digits);
        String unit = size.toUpperCase(Locale.ROOT);
        return unit.contains("G") ? number << 30 : unit.contains("M") ? number << 20
                : unit.contains("K") ? number << 10 : number;
    }
}
