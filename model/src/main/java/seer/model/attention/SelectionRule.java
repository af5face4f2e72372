package seer.model.attention;

/// How a row of block scores becomes a list of kept blocks (SeerAttention, arXiv 2410.13276, section 3.3).
public sealed interface SelectionRule {

    /// Keeps every block whose probability is strictly above `threshold`.
    record Threshold(float threshold, GateActivation activation) implements SelectionRule {
        public Threshold {
            if (!(threshold >= 0 && threshold < 1)) {
                throw new IllegalArgumentException("threshold is " + threshold + ", wanted at least 0 and below 1");
            }
        }
    }

    /// Keeps in every row as many of the largest raw scores as make up the share `density` of the causal
    /// triangle: `k = max(1, floor((1 - sqrt(1 - density)) * n))` of `n` blocks, ties to the lower index.
    record TopBlocks(double density) implements SelectionRule {
        public TopBlocks {
            if (!(density > 0 && density <= 1)) {
                throw new IllegalArgumentException("density is " + density + ", wanted above 0 and at most 1");
            }
        }

        /// Blocks kept per row of a prompt of `blocks` blocks.
        public int perRow(int blocks) {
            return Math.max(1, (int) ((1 - Math.sqrt(1 - density)) * blocks));
        }
    }
}
