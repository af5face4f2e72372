package seer.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

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

    /// The buffers must be as they were, bit by bit.
    void requireEqual(Launch launch, Schedule one, Schedule other) {
        for (Saved each : saved) {
            long at = each.array.getSegment()
                    .mismatch(MemorySegment.ofArray(each.bytes));
            if (at >= 0) {
                throw launch.scheduleFault(launch.bufferName(each.array),
                        at / each.array.getElementSize(), one, other);
            }
        }
    }
}
