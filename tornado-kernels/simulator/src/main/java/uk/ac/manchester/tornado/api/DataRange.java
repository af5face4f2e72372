package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// A stretch of one buffer, counted in elements, to be copied back alone.
public class DataRange {

    private final TornadoNativeArray array;
    private long offset;
    private long size;
    private boolean materialized;

    public DataRange(TornadoNativeArray tornadoNativeArray) {
        this.array = tornadoNativeArray;
    }

    public DataRange withOffset(long offset) {
        this.offset = offset;
        return this;
    }

    /// Zero, the default, means the whole array.
    public DataRange withSize(long size) {
        this.size = size;
        return this;
    }

    /// From elements to bytes, which the getters then report, the offset with the header.
    public void materialize() {
        if (offset * array.getElementSize() + bytes() > array.getNumBytesOfSegment()) {
            throw new TornadoRuntimeException("a range of " + bytes() + " bytes from element "
                    + offset + " reaches past the end of its array");
        }
        materialized = true;
    }

    public long getOffset() {
        requireMaterialized();
        return TornadoNativeArray.ARRAY_HEADER + offset * array.getElementSize();
    }

    public long getPartialSize() {
        requireMaterialized();
        return bytes();
    }

    public TornadoNativeArray getArray() {
        return array;
    }

    private long bytes() {
        return size == 0 ? array.getNumBytesOfSegment() : size * array.getElementSize();
    }

    private void requireMaterialized() {
        if (!materialized) {
            throw new TornadoRuntimeException("materialize the range before asking for its bytes");
        }
    }
}
