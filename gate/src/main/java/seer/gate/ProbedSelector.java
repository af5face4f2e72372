package seer.gate;

import java.util.List;
import java.util.stream.IntStream;
import seer.model.BlockSelector;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;

/// Selects as a gate does and shows the probabilities behind it: for calibration.
///
/// @param rules one for each layer
record ProbedSelector(AttnGate gate, List<SelectionRule> rules, Sink sink) implements BlockSelector {

    /// Where probabilities go.
    interface Sink {
        /// @param probabilities `[H][..]` of the causal blocks of a chunk but the diagonal, row by row
        void layer(int layer, float[][] probabilities);
    }

    @Override
    public String label() {
        return "gate:probed";
    }

    @Override
    public int block() {
        return gate.config().block();
    }

    @Override
    public Run begin(Prompt prompt) {
        var run = new GateRun(gate, rules, ForcedBlocks.NONE, prompt);
        return view -> {
            BlockMask mask = run.select(view);
            var probabilities = new float[mask.heads()][];
            for (int head = 0; head < mask.heads(); head++) {
                probabilities[head] = run.scores(view, head);
            }
            IntStream.range(0, mask.heads()).parallel().forEach(head -> probabilities[head] =
                    offDiagonal(probabilities[head], mask.firstRow(), mask.rows(), gate.config().activation()));
            sink.layer(view.layer(), probabilities);
            return mask;
        };
    }

    /// @param scores `[rows, first + rows]`
    private static float[] offDiagonal(float[] scores, int first, int rows, GateActivation activation) {
        int columns = first + rows;
        var kept = new float[rows * first + rows * (rows - 1) / 2];
        int at = 0;
        for (int r = 0; r < rows; r++) {
            int diagonal = first + r;
            float max = Float.NEGATIVE_INFINITY;
            for (int j = 0; j <= diagonal; j++) {
                max = Math.max(max, scores[r * columns + j]);
            }
            double sum = 0;
            for (int j = 0; j <= diagonal; j++) {
                sum += Math.exp(scores[r * columns + j] - max);
            }
            for (int j = 0; j < diagonal; j++) {
                double score = scores[r * columns + j];
                kept[at++] = (float) (activation == GateActivation.SOFTMAX ? Math.exp(score - max) / sum
                        : 1 / (1 + Math.exp(-score)));
            }
        }
        return kept;
    }
}
