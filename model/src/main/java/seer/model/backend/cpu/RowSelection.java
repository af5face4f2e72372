package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;
import seer.model.attention.TopScores;
import seer.model.backend.NotFiniteException;

/// Which key blocks one row keeps, given its raw scores.
record RowSelection(SelectionRule rule, ForcedBlocks forced, int totalBlocks) {

    /// Appends the kept blocks of row `row` of `head`, ascending, the diagonal last.
    ///
    /// @param scores causal scores at `at .. at + row + 1`; overwritten
    /// @throws NotFiniteException if the row depends on its scores and one is NaN or infinite
    void select(float[] scores, int at, int head, int row, Scratch scratch, BlockList kept) {
        int count = row + 1;
        if (row >= totalBlocks - forced.denseLastRows()) {
            for (int j = 0; j < count; j++) {
                kept.add(j);
            }
            return;
        }
        switch (rule) {
            case SelectionRule.TopBlocks top -> {
                if (top.perRow(totalBlocks) < count) {
                    requireFinite(scores, at, head, row);
                }
                top(scores, at, count, top.perRow(totalBlocks), scratch, kept);
            }
            case SelectionRule.Threshold above -> {
                requireFinite(scores, at, head, row);
                switch (above.activation()) {
                    case GateActivation.SOFTMAX -> softmax(scores, at, count);
                    case GateActivation.SIGMOID -> sigmoid(scores, at, count);
                }
                above(scores, at, count, above.threshold(head), kept);
            }
        }
    }

    /// Comparisons with NaN are false: without this, a row of them would keep its diagonal alone. A finite number times
    /// 0 is 0.
    private static void requireFinite(float[] scores, int at, int head, int row) {
        int count = row + 1;
        FloatVector taint = FloatVector.zero(SPECIES);
        int j = 0;
        for (; j <= count - LENGTH; j += LENGTH) {
            taint = taint.add(FloatVector.fromArray(SPECIES, scores, at + j).mul(0));
        }
        boolean finite = !taint.test(VectorOperators.IS_NAN).anyTrue();
        for (; j < count; j++) {
            finite &= Float.isFinite(scores[at + j]);
        }
        if (!finite) {
            throw NotFiniteException.score(head, row);
        }
    }

    private boolean forces(int j, int count) {
        return j == count - 1 || j == 0 && forced.keepFirst();
    }

    private void above(float[] p, int at, int count, float threshold, BlockList kept) {
        for (int j = 0; j < count; j++) {
            if (p[at + j] > threshold || forces(j, count)) {
                kept.add(j);
            }
        }
    }

    private void top(float[] scores, int at, int count, int k, Scratch scratch, BlockList kept) {
        var top = TopScores.of(scores, at, count, k, scratch.floats(3, count));
        for (int j = 0; j < count; j++) {
            if (top.keeps(scores[at + j]) || forces(j, count)) {
                kept.add(j);
            }
        }
    }

    /// Makes probabilities of scores, which sum to 1; the sum is taken in double precision.
    static void softmax(float[] scores, int at, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < count; j++) {
            max = Math.max(max, scores[at + j]);
        }
        VectorExp.exp(scores, at, count, 1, max, scores, at);
        double sum = 0;
        for (int j = 0; j < count; j++) {
            sum += scores[at + j];
        }
        for (int j = 0; j < count; j++) {
            scores[at + j] = (float) (scores[at + j] / sum);
        }
    }

    private static void sigmoid(float[] scores, int at, int count) {
        for (int j = 0; j < count; j++) {
            scores[at + j] = GateActivation.sigmoid(scores[at + j]);
        }
    }
}
