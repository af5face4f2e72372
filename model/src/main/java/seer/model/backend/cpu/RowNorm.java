package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/// Root-mean-square norm of rows: `y = x / sqrt(mean(x^2) + epsilon) * weight`.
///
/// @param weight `[C]`
record RowNorm(float[] weight, double epsilon) {
    /// By the logarithm of the distance.
    private static final VectorShuffle<Float>[] ROTATIONS = rotations();

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static VectorShuffle<Float>[] rotations() {
        var rotations = new VectorShuffle[Integer.numberOfTrailingZeros(LENGTH)];
        for (int i = 0; i < rotations.length; i++) {
            rotations[i] = VectorShuffle.iota(SPECIES, 1 << i, 1, true);
        }
        return rotations;
    }

    /// Norms `rows` rows of `x[.., C]` from row `from` on into `y[rows, C]`.
    void apply(float[] x, int from, int rows, float[] y) {
        apply(x, from, rows, y, 0);
    }

    /// The same into rows `to ...` of `y`.
    void apply(float[] x, int from, int rows, float[] y, int to) {
        int width = weight.length;
        for (int t = 0; t < rows; t++) {
            int at = (from + t) * width;
            scale(x, at, (float) factor(x, at), weight, y, (to + t) * width);
        }
    }

    /// What the row at element `at` is multiplied with before the weights.
    double factor(float[] x, int at) {
        return 1 / Math.sqrt(squares(x, at, weight.length) / weight.length + epsilon);
    }

    /// Norms `rows` rows where they are, from element `at` on.
    void inPlace(float[] x, int at, int rows) {
        int width = weight.length;
        for (int row = at; row < at + rows * width; row += width) {
            scale(x, row, (float) factor(x, row), weight, x, row);
        }
    }

    private static double squares(float[] x, int at, int width) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int c = 0;
        for (; c <= width - LENGTH; c += LENGTH) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, at + c);
            sum = v.fma(v, sum);
        }
        double total = total(sum);
        for (; c < width; c++) {
            total += (double) x[at + c] * x[at + c];
        }
        return total;
    }

    /// The sum of the lanes by halves, always in this order: `reduceLanes` adds in one order before it is compiled and
    /// in another after, and a run would not repeat to the bit.
    static double total(FloatVector sum) {
        for (int half = LENGTH / 2; half > 0; half /= 2) {
            sum = sum.add(sum.rearrange(ROTATIONS[Integer.numberOfTrailingZeros(half)]));
        }
        return sum.lane(0);
    }

    private static void scale(float[] x, int at, float factor, float[] weight, float[] y, int to) {
        for (int c = 0; c < weight.length; c++) {
            y[to + c] = x[at + c] * factor * weight[c];
        }
    }
}
