package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// Rows as floats, used as they are.
record FloatRows(CpuTensor tensor) implements CacheRows {
    /// Floats in a cache line of 64 bytes.
    static final int LINE = 16;

    @Override
    public float[] floats(int group, int from, int count, int slot, Scratch scratch) {
        return tensor.values();
    }

    @Override
    public int start(int group, int from) {
        return (group * tensor.extent(1) + from) * tensor.extent(2);
    }

    @Override
    public float[] columns(int group, int from, int count, int slot, Scratch scratch) {
        float[] columns = scratch.floats(slot, width() * PANEL);
        Transpose.toPanel(tensor.values(), start(group, from), count, width(), columns);
        return columns;
    }

    @Override
    public int width() {
        return tensor.extent(2);
    }

    @Override
    public float touch(int group, int from, int count) {
        return touch(tensor.values(), start(group, from), count * tensor.extent(2) / LINE);
    }

    /// One element of each of so many lines.
    static float touch(float[] values, int at, int lines) {
        float sum = 0;
        for (int i = 0; i < lines; i++) {
            sum += values[at + i * LINE];
        }
        return sum;
    }

    @Override
    public void put(CpuTensor x, int rows, int at) {
        int width = tensor.extent(2);
        for (int group = 0; group < tensor.extent(0); group++) {
            System.arraycopy(x.values(), group * x.extent(1) * width, tensor.values(), start(group, at), rows * width);
        }
    }
}
