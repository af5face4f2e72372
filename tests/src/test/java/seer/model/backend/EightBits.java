package seer.model.backend;

/// Whole numbers of 8 bits, 32 of a row with a scale, in double precision: what a cache of them is held against.
final class EightBits {
    static final int BLOCK = 32;

    private EightBits() { }

    /// The least number, of those that the upper half of a 32-bit float can hold, that is not below a 127th of the
    /// largest magnitude.
    static double step(float[] x, int at, int count) {
        double largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Math.abs((double) x[at + i]));
        }
        float step = Float.intBitsToFloat(Float.floatToRawIntBits((float) (largest / 127)) & 0xFFFF0000);
        return step < (float) (largest / 127)
                ? Float.intBitsToFloat(Float.floatToRawIntBits(step) + 0x10000) : step;
    }

    /// Rows of `width`, rounded.
    static float[] rounded(float[] rows, int width) {
        var rounded = new float[rows.length];
        for (int row = 0; row < rows.length; row += width) {
            for (int d = 0; d < width; d += BLOCK) {
                int count = Math.min(BLOCK, width - d);
                double step = step(rows, row + d, count);
                for (int i = row + d; i < row + d + count; i++) {
                    rounded[i] = step == 0 ? 0 : (float) (Math.rint(rows[i] / step) * step);
                }
            }
        }
        return rounded;
    }
}
