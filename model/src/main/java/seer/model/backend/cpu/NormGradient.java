package seer.model.backend.cpu;

import java.util.Arrays;

/// The gradient of [RowNorm]: with `r = 1 / sqrt(mean(x^2) + epsilon)`,
/// `dx = r (w dy - x r^2 / C * sum(w dy x))` and `dw += sum over rows of dy x r`.
///
/// Rows are summed in tiles of 64, then tile by tile: in the same order whatever the number of threads.
///
/// @param dNorm  `[C]` or null
record NormGradient(RowNorm norm, float[] dNorm) {
    private static final int ROWS = 64;

    /// Rows of a stream.
    ///
    /// @param x   first row at element `at`; `dx` likewise, added to
    /// @param dy  `[rows, C]` from element 0 on
    void run(CpuThreads threads, float[] x, int at, float[] dy, float[] dx, int to, int rows) {
        int width = norm.weight().length;
        int tiles = Math.ceilDiv(rows, ROWS);
        var parts = new double[dNorm == null ? 0 : tiles * width];
        threads.run(tiles, (task, scratch) -> {
            for (int t = task * ROWS; t < Math.min(rows, (task + 1) * ROWS); t++) {
                row(x, at + t * width, dy, t * width, dx, to + t * width, parts, task * width);
            }
        });
        collect(parts);
    }

    /// Rows of each head, in place: `dy` becomes `dx`.
    void heads(CpuThreads threads, CpuTensor x, CpuTensor dy, int rows) {
        int width = norm.weight().length;
        int tiles = Math.ceilDiv(rows, ROWS);
        int heads = x.extent(0);
        var parts = new double[dNorm == null ? 0 : heads * tiles * width];
        threads.run(heads * tiles, (task, scratch) -> {
            int head = task / tiles;
            float[] own = scratch.floats(0, width);
            int begin = task % tiles * ROWS;
            for (int t = begin; t < Math.min(rows, begin + ROWS); t++) {
                int at = (head * dy.extent(1) + t) * width;
                System.arraycopy(dy.values(), at, own, 0, width);
                Arrays.fill(dy.values(), at, at + width, 0);
                row(x.values(), (head * x.extent(1) + t) * width, own, 0, dy.values(), at, parts, task * width);
            }
        });
        collect(parts);
    }

    private void row(float[] x, int at, float[] dy, int from, float[] dx, int to, double[] parts, int part) {
        float[] weight = norm.weight();
        int width = weight.length;
        double r = norm.factor(x, at);
        double dot = 0;
        for (int c = 0; c < width; c++) {
            dot += (double) weight[c] * dy[from + c] * x[at + c];
        }
        double pull = dot * r * r * r / width;
        for (int c = 0; c < width; c++) {
            dx[to + c] += (float) (r * weight[c] * dy[from + c] - pull * x[at + c]);
        }
        for (int c = 0; c < width && parts.length > 0; c++) {
            parts[part + c] += dy[from + c] * r * x[at + c];
        }
    }

    private void collect(double[] parts) {
        for (int c = 0; c < norm.weight().length && parts.length > 0; c++) {
            double sum = 0;
            for (int at = c; at < parts.length; at += norm.weight().length) {
                sum += parts[at];
            }
            dNorm[c] += (float) sum;
        }
    }
}
