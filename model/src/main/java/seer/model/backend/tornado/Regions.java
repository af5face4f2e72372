package seer.model.backend.tornado;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;

/// Which stretches of a buffer are taken, and by whom: a stretch is free again when its owner is gone.
final class Regions {
    /// Stretches begin at multiples of so many elements: 128 bytes, a cache line of a device.
    private static final int ALIGN = 32;
    static final int NO_ROOM = -1;
    private static final long PATIENCE = 100; // milliseconds

    private final TreeMap<Integer, Integer> free = new TreeMap<>(); // first element -> elements
    private final Set<Owner> owners = new HashSet<>();
    private final ReferenceQueue<Object> gone = new ReferenceQueue<>();
    private int end; // behind the last stretch ever taken
    private int limit;

    private static final class Owner extends PhantomReference<Object> {
        private final int first;
        private final int size;

        Owner(Object owner, ReferenceQueue<Object> gone, int first, int size) {
            super(owner, gone);
            this.first = first;
            this.size = size;
        }
    }

    Regions(int limit) {
        this.limit = limit;
    }

    /// Elements that the stretches in use and the gaps between them reach over.
    int end() {
        return end;
    }

    /// Elements there are.
    void limit(int elements) {
        limit = elements;
    }

    /// The first element of a free stretch, or [#NO_ROOM].
    int take(int size, Object owner) {
        collect();
        int length = Math.ceilDiv(Math.max(size, 1), ALIGN) * ALIGN;
        int first = fit(length);
        if (first != NO_ROOM && owner != null) {
            owners.add(new Owner(owner, gone, first, length));
        }
        return first;
    }

    /// Gives a stretch back that was taken without an owner.
    void give(int first, int size) {
        release(first, Math.ceilDiv(Math.max(size, 1), ALIGN) * ALIGN);
    }

    /// Waits a moment for owners that a garbage collection has found gone.
    void await() {
        try {
            var reference = gone.remove(PATIENCE);
            if (reference instanceof Owner owner) {
                owners.remove(owner);
                release(owner.first, owner.size);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int fit(int length) {
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
        if (length > limit - end) {
            return NO_ROOM;
        }
        int first = end;
        end += length;
        return first;
    }

    private void collect() {
        for (Reference<?> reference = gone.poll(); reference != null; reference = gone.poll()) {
            Owner owner = (Owner) reference;
            owners.remove(owner);
            release(owner.first, owner.size);
        }
    }

    private void release(int first, int size) {
        var before = free.floorEntry(first);
        if (before != null && before.getKey() + before.getValue() == first) {
            first = before.getKey();
            size += before.getValue();
        }
        Integer behind = free.remove(first + size);
        size += behind == null ? 0 : behind;
        free.put(first, size);
    }
}
