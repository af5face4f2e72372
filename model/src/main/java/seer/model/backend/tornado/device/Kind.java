package seer.model.backend.tornado.device;

import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import java.util.function.IntFunction;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// What a bank is made of: TornadoVM's arrays have a type, and a kernel says which it takes.
enum Kind {
    FLOATS(4, FloatArray::new, FloatArray::fromSegmentShallow),
    INTEGERS(4, IntArray::new, IntArray::fromSegmentShallow);

    private final int bytes;
    private final IntFunction<TornadoNativeArray> small;
    private final Function<MemorySegment, TornadoNativeArray> over;

    Kind(int bytes, IntFunction<TornadoNativeArray> small, Function<MemorySegment, TornadoNativeArray> over) {
        this.bytes = bytes;
        this.small = small;
        this.over = over;
    }

    /// Bytes of one element.
    int bytes() {
        return bytes;
    }

    /// An array of the host.
    TornadoNativeArray array(int elements) {
        return small.apply(elements);
    }

    /// An array over memory that has room for the header in front.
    TornadoNativeArray over(MemorySegment withHeader) {
        return over.apply(withHeader);
    }
}
