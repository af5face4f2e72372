package seer.model.backend.cpu;

import seer.model.backend.Arena;
import seer.model.backend.Tensor;

/// A tensor in one array of the Java heap.
final class CpuTensor implements Tensor {
    private final Arena arena;
    private final int[] shape;
    private float[] values; // row-major; null once the arena is closed

    /// @param values as many as the shape has elements; not copied
    CpuTensor(Arena arena, float[] values, int... shape) {
        this.arena = arena;
        this.values = values;
        this.shape = shape.clone();
    }

    @Override
    public Arena arena() {
        return arena;
    }

    @Override
    public int[] shape() {
        return shape;
    }

    /// The live array.
    float[] values() {
        return values;
    }

    @Override
    public float[] download() {
        arena.requireOpen("a tensor");
        return values.clone();
    }

    void release() {
        values = null;
    }
}
