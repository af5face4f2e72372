package seer.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// The bytes of all buffers of a launch at one moment.
final class Snapshot {

    private record Saved(TornadoNativeArray array, byte[] bytes) {
    }

    private final List<Saved> saved = new ArrayList<>();

    Snapshot(Object[] arguments) {
        for (Object argument : arguments) {
            if (argument instanceof TornadoNativeArray array) {
                saved.add(new Saved(array,
                        array.getSegment().toArray(ValueLayout.JAVA_BYTE)));
            }
        }
    }

    void restore() {
        for (Saved each : saved) {
            each.array.getSegment().copyFrom(MemorySegment.ofArray(each.bytes));
        }
    }

    /// The buffers must be as they were, bit by bit, but for which of all NaNs a float is: the JVM promises none.
    void requireEqual(Launch launch, Schedule one, Schedule other) {
        for (Saved each : saved) {
            int size = each.array.getElementSize();
            MemorySegment now = each.array.getSegment();
            MemorySegment before = MemorySegment.ofArray(each.bytes);
            long at = now.mismatch(before);
            while (at >= 0) {
                long element = at / size;
                long next = Math.min((element + 1) * size, now.byteSize());
                if (!(each.array instanceof FloatArray) || next - element * size < size
                        || !isNaN(now, element * size) || !isNaN(before, element * size)) {
                    throw launch.scheduleFault(launch.bufferName(each.array), element, one, other);
                }
                long further = now.asSlice(next).mismatch(before.asSlice(next));
                at = further < 0 ? -1 : next + further;
            }
        }
    }

    private static boolean isNaN(MemorySegment bytes, long at) {
        return Float.isNaN(bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at));
    }
}
