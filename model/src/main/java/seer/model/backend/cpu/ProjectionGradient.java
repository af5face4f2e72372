package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// The gradient of the stacked query, key and value projection and the norm before it, some rows at a time.
///
/// @param dNorm `[C]` or null; `dQkv` `[(H + 2G) * D, C]`, `dBias` `[(H + 2G) * D]` likewise
record ProjectionGradient(RowNorm norm, CpuMatrix qkv, CpuTensor dq, CpuTensor dk, CpuTensor dv, float[] dNorm,
                          float[] dQkv, float[] dBias) {

    void run(CpuThreads threads, float[] x, float[] dx, int rows) {
        int slice = FeedForwardGradient.SLICE;
        int most = Math.min(slice, rows);
        var joined = new float[most * qkv.outputs()];
        var normed = new float[most * qkv.inputs()];
        for (int row = 0; row < rows; row += slice) {
            slice(threads, x, dx, row, Math.min(slice, rows - row), joined, normed);
        }
    }

    private void slice(CpuThreads threads, float[] x, float[] dx, int row, int count, float[] joined,
                       float[] normed) {
        int width = qkv.inputs();
        threads.run(count, (t, scratch) -> {
            int at = join(dq, row + t, joined, t * qkv.outputs());
            at = join(dk, row + t, joined, at);
            join(dv, row + t, joined, at);
        });
        if (dBias != null) {
            sum(threads, joined, count);
        }
        if (dQkv != null) {
            FeedForwardGradient.normed(threads, norm, x, row, count, normed);
            ProductGradient.weights(threads, joined, 0, qkv.outputs(), normed, 0, width, count, dQkv, 0);
        }
        ProductGradient.inputs(threads, joined, 0, count, qkv, normed, 0, false);
        new NormGradient(norm, dNorm).run(threads, x, row * width, normed, dx, row * width, count);
    }

    /// Row `row` of each head, one behind the other.
    private static int join(CpuTensor heads, int row, float[] joined, int at) {
        int width = heads.extent(2);
        for (int head = 0; head < heads.extent(0); head++) {
            System.arraycopy(heads.values(), (head * heads.extent(1) + row) * width, joined, at + head * width, width);
        }
        return at + heads.extent(0) * width;
    }

    private void sum(CpuThreads threads, float[] joined, int count) {
        int outputs = qkv.outputs();
        threads.run(Math.ceilDiv(outputs, PANEL), (task, scratch) -> {
            for (int o = task * PANEL; o < Math.min(outputs, (task + 1) * PANEL); o++) {
                double sum = 0;
                for (int t = 0; t < count; t++) {
                    sum += joined[t * outputs + o];
                }
                dBias[o] += (float) sum;
            }
        });
    }
}
