package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Log-likelihood and best successor of each row, without ever holding its logits: every tile of 64 x 64
/// logits updates a running maximum, its index, a running sum and the target's logit.
final class TokenScoring implements PanelMatmul.Sink {
    private final int[] targets;
    private final float[] negative; // [rows]
    private final int[] best;       // [rows]
    private final float[] max;      // [rows]
    private final float[] wanted;   // [rows] logit of the target
    private final double[] sum;     // [rows] of exp(logit - max)

    TokenScoring(int[] targets, int rows) {
        this.targets = targets;
        negative = new float[rows];
        best = new int[rows];
        max = new float[rows];
        wanted = new float[rows];
        sum = new double[rows];
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
    }

    /// Always by rows, even for few: the running sums of a row belong to one thread.
    void run(CpuThreads threads, float[] x, RowNorm norm, CpuMatrix head) {
        int rows = best.length;
        int tile = PanelMatmul.tileRows(rows, threads.count(), head.rows());
        threads.run((rows + tile - 1) / tile, (task, scratch) -> {
            int row = task * tile;
            int count = Math.min(tile, rows - row);
            float[] a = scratch.floats(0, count * head.inputs());
            norm.apply(x, row, count, a);
            PanelMatmul.panels(a, 0, count, head, row, scratch, this);
        });
    }

    float[] negativeLogLikelihood() {
        for (int t = 0; t < negative.length; t++) {
            negative[t] = targets[t] < 0 ? Float.NaN : (float) (max[t] + Math.log(sum[t]) - wanted[t]);
        }
        return negative;
    }

    /// Natural log-sum-exp of a row's logits.
    double logSumExp(int t) {
        return max[t] + Math.log(sum[t]);
    }

    int[] best() {
        return best;
    }

    @Override
    public void accept(int row, int rows, int column, int columns, float[] tile) {
        for (int t = 0; t < rows; t++) {
            int at = t * PANEL;
            Arrays.fill(tile, at + columns, at + PANEL, Float.NEGATIVE_INFINITY);
            int target = targets[row + t] - column;
            if (target >= 0 && target < columns) {
                wanted[row + t] = tile[at + target];
            }
            update(row + t, column, tile, at);
        }
    }

    private void update(int t, int column, float[] tile, int at) {
        float highest = highest(tile, at);
        if (highest > max[t]) {
            sum[t] *= Math.exp(max[t] - highest);
            max[t] = highest;
            int i = 0;
            while (tile[at + i] != highest) {
                i++;
            }
            best[t] = column + i;
        }
        sum[t] += sum(tile, at, max[t]);
    }

    private static float highest(float[] tile, int at) {
        FloatVector m = FloatVector.fromArray(SPECIES, tile, at);
        for (int i = LENGTH; i < PANEL; i += LENGTH) {
            m = m.max(FloatVector.fromArray(SPECIES, tile, at + i));
        }
        return m.reduceLanes(VectorOperators.MAX);
    }

    private static float sum(float[] tile, int at, float max) {
        VectorExp.exp(tile, at, PANEL, 1, max, tile, at);
        FloatVector s = FloatVector.zero(SPECIES);
        for (int i = 0; i < PANEL; i += LENGTH) {
            s = s.add(FloatVector.fromArray(SPECIES, tile, at + i));
        }
        return Lanes.total(s);
    }
}
