package seer.sim;

import java.util.Locale;

import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;

/// How much device memory a plan may take: the property `tornado.device.memory`, as on TornadoVM
/// (4 GB unless it says otherwise), so that a program's answer to a full device can be tried.
final class Budget {

    private final long limit = bytes(System.getProperty("tornado.device.memory", "4GB"));
    private long used;

    void take(long bytes) {
        if (used + bytes > limit) {
            throw new TornadoOutOfMemoryException(bytes + " more bytes than the " + used
                    + " taken exceed the device's " + limit
                    + "; -Dtornado.device.memory=<X>GB raises the limit");
        }
        used += bytes;
    }

    void give(long bytes) {
        used -= bytes;
    }

    private static long bytes(String text) {
        String size = text.toUpperCase(Locale.ROOT);
        int digits = 0;
        while (digits < size.length() && Character.isDigit(size.charAt(digits))) {
            digits++;
        }
        int shift = switch (size.substring(digits)) {
            case "B", "" -> 0;
            case "KB" -> 10;
            case "MB" -> 20;
            case "GB" -> 30;
            default -> throw new IllegalArgumentException("tornado.device.memory is " + text
                    + ", not a number of B, KB, MB or GB");
        };
        return Long.parseLong(size.substring(0, digits)) << shift;
    }
}
