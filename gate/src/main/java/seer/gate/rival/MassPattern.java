package seer.gate.rival;

import java.util.Arrays;
import seer.model.LayerView;

/// What one head keeps for a wanted share of attention mass (FlexPrefill's index search).
interface MassPattern {

    /// The smallest choice that the estimate says holds the share `mass`.
    Choice holding(double mass);

    /// Blocks of one head.
    interface Choice {
        /// Blocks chosen in the chunk's rows.
        int kept();

        /// Sets the chosen key blocks of a row.
        void mark(int row, boolean[] marked);
    }

    /// The largest elements of a whole map (algorithm 4): rows that need more blocks take them from those that need
    /// fewer.
    ///
    /// @param values row by row the causal blocks, rows sum to 1
    /// @param order  of `values`, the largest first
    /// @param rank   of each of `values` in that order
    record Flattened(int first, float[] values, int[] order, int[] rank) implements MassPattern {

        /// @param map `[rows, first + rows]`
        static Flattened of(float[] map, int first, int rows) {
            var values = new float[start(first, rows)];
            for (int row = 0; row < rows; row++) {
                System.arraycopy(map, row * (first + rows), values, start(first, row), first + row + 1);
            }
            int[] order = Ranking.largestFirst(values, 0, values.length);
            var rank = new int[order.length];
            for (int i = 0; i < order.length; i++) {
                rank[order[i]] = i;
            }
            return new Flattened(first, values, order, rank);
        }

        /// Causal blocks before row `row` of the chunk.
        private static int start(int first, int row) {
            return Math.toIntExact((long) first * row + (long) row * (row + 1) / 2);
        }

        @Override
        public Choice holding(double mass) {
            int count = Ranking.holding(mass, values, order);
            return new Choice() {
                @Override
                public int kept() {
                    return count;
                }

                @Override
                public void mark(int row, boolean[] marked) {
                    int at = start(first, row - first);
                    for (int j = 0; j <= row; j++) {
                        marked[j] = rank[at + j] < count;
                    }
                }
            };
        }
    }

    /// The largest verticals and the largest slashes, each holding the share by itself (algorithm 3).
    record VerticalSlash(LayerView view, int block, LineScores scores, int[] verticals, int[] slashes)
            implements MassPattern {

        static VerticalSlash of(LayerView view, int block, LineScores scores) {
            int keys = scores.vertical().length;
            return new VerticalSlash(view, block, scores, Ranking.largestFirst(scores.vertical(), 0, keys),
                    Ranking.largestFirst(scores.slash(), 0, keys));
        }

        @Override
        public Choice holding(double mass) {
            var lines = new Lines(view, block);
            Arrays.stream(verticals, 0, Ranking.holding(mass, scores.vertical(), verticals))
                    .forEach(key -> lines.column(key / block, Long.MAX_VALUE));
            Arrays.stream(slashes, 0, Ranking.holding(mass, scores.slash(), slashes))
                    .forEach(distance -> lines.slash(distance / block, distance % block == 0, Long.MAX_VALUE));
            return lines;
        }
    }
}
