package seer.model.backend.cpu;

/// The derivative by attention's output as its tiles read it.
///
/// @param values `[H, T, D]`: heads apart, rows of a head contiguous
/// @param delta  `[H, T]`: the dot product with the output itself, which is what a softmax takes off
record OutputSlope(float[] values, float[] delta) {
    private static final int ROWS = 64;

    /// @param out  `[T, H * D]`; `dOut` likewise
    /// @param rows in use: the stride of the result
    static OutputSlope of(CpuThreads threads, CpuTensor out, CpuTensor dOut, int rows, int heads, int width) {
        var values = new float[Math.multiplyExact(Math.multiplyExact(heads, rows), width)];
        var delta = new float[heads * rows];
        threads.run(Math.ceilDiv(rows, ROWS), (task, scratch) -> {
            for (int t = task * ROWS; t < Math.min(rows, (task + 1) * ROWS); t++) {
                for (int head = 0; head < heads; head++) {
                    int at = (t * heads + head) * width;
                    System.arraycopy(dOut.values(), at, values, (head * rows + t) * width, width);
                    delta[head * rows + t] = dot(out.values(), dOut.values(), at, width);
                }
            }
        });
        return new OutputSlope(values, delta);
    }

    private static float dot(float[] a, float[] b, int at, int width) {
        double sum = 0;
        for (int d = at; d < at + width; d++) {
            sum += (double) a[d] * b[d];
        }
        return (float) sum;
    }
}
