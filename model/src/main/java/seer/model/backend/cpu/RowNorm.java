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
        int width = weight.length;
        for (int t = 0; t < rows; t++) {
            int at = (from + t) * width;
            double mean = squares(x, at, width) / width;
            scale(x, at, (float) (1 / Math.sqrt(mean + epsilon)), weight, y, t * width);
        }
    }

    /// Norms `rows` rows where they are, from element `at` on.
    void inPlace(float[] x, int at, int rows) {
        int width = weight.length;
        for (int row = at; row < at + rows * width; row += width) {
            scale(x, row, (float) (1 / Math.sqrt(squares(x, row, width) / width + epsilon)), weight, x, row);
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
