package seer.model.attention;

import java.util.Collections;
import java.util.List;

/// How a row of block scores becomes a list of kept blocks (SeerAttention, arXiv 2410.13276, section 3.3).
public sealed interface SelectionRule {

    /// Keeps every block whose probability is strictly above its head's threshold.
    ///
    /// @param thresholds one for all heads, or one for each
    record Threshold(List<Float> thresholds, GateActivation activation) implements SelectionRule {
        public Threshold {
            thresholds = List.copyOf(thresholds);
            if (thresholds.isEmpty()) {
                throw new IllegalArgumentException("thresholds is empty, wanted one, or one for each head");
            }
            for (float threshold : thresholds) {
                if (!(threshold >= 0 && threshold < 1)) {
                    throw new IllegalArgumentException("threshold is " + threshold
                            + ", wanted at least 0 and below 1");
                }
            }
        }

        public Threshold(float threshold, GateActivation activation) {
            this(List.of(threshold), activation);
        }

        /// That of a head.
        public float threshold(int head) {
            return thresholds.get(thresholds.size() == 1 ? 0 : head);
        }

        /// The lowest of all heads.
        public float lowest() {
            return Collections.min(thresholds);
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
