package seer.sim;

import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.WeakHashMap;

import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;

/// How much device memory graphs may take together: the property `tornado.device.memory`, as on
/// TornadoVM (4 GB unless it says otherwise), so that a program's answer to a full device can be tried.
///
/// Memory of graphs that nobody holds any more does not count; a device would keep it.
final class Budget {

    private static final String PROPERTY = "tornado.device.memory";

    private final Set<DeviceMemory> memories = Collections.newSetFromMap(new WeakHashMap<>());

    /// Counts what this memory holds, from now on.
    synchronized void watch(DeviceMemory memory) {
        memories.add(memory);
    }

    /// Fails if so many more bytes are too many.
    synchronized void require(long bytes) {
        long limit = bytes(System.getProperty(PROPERTY, "4GB"));
        if (used() + bytes > limit) {
            System.gc(); // graphs that are gone
            if (used() + bytes > limit) {
                throw new TornadoOutOfMemoryException(bytes + " more bytes than the " + used()
                        + " taken exceed the device's " + limit + "; -D" + PROPERTY
                        + "=<X>GB raises the limit");
            }
        }
    }

    private long used() {
        return memories.stream().mapToLong(DeviceMemory::bytes).sum();
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
            default -> throw new IllegalArgumentException(PROPERTY + " is " + text
                    + ", not a number of B, KB, MB or GB");
        };
        return Long.parseLong(size.substring(0, digits)) << shift;
    }
}
