package seer.model.backend.tornado.device;

import java.util.TreeMap;

/// Which stretches of a bank are taken. Free ones that touch become one.
final class Regions {
    /// Stretches begin so many elements apart: 128 bytes of floats, a cache line of a device.
    static final int ALIGN = 32;
    static final int NO_ROOM = -1;

    private final TreeMap<Integer, Integer> free = new TreeMap<>(); // first element -> elements
    private final int all;

    /// Elements `from .. to` are free, a multiple of [#ALIGN] apart.
    Regions(int from, int to) {
        all = to - from;
        free.put(from, all);
    }

    /// Whether nothing is taken.
    boolean isUntaken() {
        return hasRoom(all);
    }

    /// Elements that a stretch of so many takes.
    static int aligned(int size) {
        return Math.ceilDiv(Math.max(size, 1), ALIGN) * ALIGN;
    }

    /// The first element of the first free stretch that is long enough, or [#NO_ROOM].
    int take(int size) {
        int length = aligned(size);
        for (var gap : free.entrySet()) {
            if (gap.getValue() >= length) {
                int first = gap.getKey();
                int rest = gap.getValue() - length;
                free.remove(first);
                if (rest > 0) {
                    free.put(first + length, rest);
                }
                return first;
            }
        }
        return NO_ROOM;
    }

    boolean hasRoom(int size) {
        int length = aligned(size);
        return free.values().stream().anyMatch(gap -> gap >= length);
    }

    /// Gives a stretch back.
    void give(int first, int size) {
        int length = aligned(size);
        var before = free.floorEntry(first);
        if (before != null && before.getKey() + before.getValue() == first) {
            first = before.getKey();
            length += before.getValue();
        }
        Integer behind = free.remove(first + length);
        free.put(first, length + (behind == null ? 0 : behind));
    }
}
