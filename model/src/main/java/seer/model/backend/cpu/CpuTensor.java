package seer.model.backend.cpu;

import seer.model.backend.Tensor;

/// A tensor in one array of the Java heap.
///
/// @param values row-major, as long as the product of `shape`
record CpuTensor(float[] values, int[] shape) implements Tensor {

    @Override
    public float[] download() {
        return values.clone();
    }
}
