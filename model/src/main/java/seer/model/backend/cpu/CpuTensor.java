package seer.model.backend.cpu;

import seer.model.backend.Tensor;

/// A tensor in one array of the Java heap.
///
/// @param values row-major, as long as the product of `shape`
record CpuTensor(float[] values, int[] shape) implements Tensor {

    static CpuTensor of(float[] values, int... shape) {
        if (values.length != size(shape)) {
            throw new IllegalArgumentException(
                    "got " + values.length + " values for a tensor of " + size(shape) + " elements");
        }
        return new CpuTensor(values, shape.clone());
    }

    /// Elements of this shape, if one array can hold them.
    static int size(int... shape) {
        long size = 1;
        for (int extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException("a tensor extent is " + extent + ", wanted at least 0");
            }
            size *= extent;
            if (size > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("a tensor has more than 2^31 elements");
            }
        }
        return (int) size;
    }

    @Override
    public float[] download() {
        return values.clone();
    }
}
