package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/// Root-mean-square norm of rows: `y = x / sqrt(mean(x^2) + epsilon) * weight`.
///
/// @param weight `[C]`
record RowNorm(float[] weight, double epsilon) {
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
        double total = Lanes.total(sum);
        for (; c < width; c++) {
            total += (double) x[at + c] * x[at + c];
        }
        return total;
    }

    private static void scale(float[] x, int at, float factor, float[] weight, float[] y, int to) {
        for (int c = 0; c < weight.length; c++) {
            y[to + c] = x[at + c] * factor * weight[c];
        }
    }
}
