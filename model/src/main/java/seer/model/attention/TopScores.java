package seer.model.attention;

/// The largest `k` scores of a row, ties to the lower index: what [SelectionRule.TopBlocks] keeps of it.
public final class TopScores {
    private final boolean all;
    private final float least; // of those kept
    private int ties; // equal to the least, that are still kept

    private TopScores(boolean all, float least, int ties) {
        this.all = all;
        this.least = least;
        this.ties = ties;
    }

    /// Of `scores[at .. at + count]`, which are no NaN unless all are kept.
    ///
    /// @param k       at least 1
    /// @param scratch at least `count` long, overwritten
    public static TopScores of(float[] scores, int at, int count, int k, float[] scratch) {
        if (k >= count) {
            return new TopScores(true, 0, 0);
        }
        System.arraycopy(scores, at, scratch, 0, count);
        float least = largest(scratch, count, k);
        int ties = k;
        for (int j = 0; j < count; j++) {
            ties -= scores[at + j] > least ? 1 : 0;
        }
        return new TopScores(false, least, ties);
    }

    /// Whether the next score of the row is kept; asked once for each, in their order.
    public boolean keeps(float score) {
        if (all || score > least) {
            return true;
        }
        boolean tie = score == least && ties > 0;
        ties -= tie ? 1 : 0;
        return tie;
    }

    /// The `k`-th largest of the first `count` values, which are reordered: quickselect with three parts, since
    /// equal scores are common (constant text) and must not make it quadratic.
    private static float largest(float[] values, int count, int k) {
        int low = 0;
        int high = count;
        int wanted = k - 1;
        while (true) {
            float pivot = median(values[low], values[(low + high) >>> 1], values[high - 1]);
            int above = low; // values[low .. above) > pivot
            int below = high; // values[below .. high) < pivot
            for (int i = low; i < below; ) {
                float v = values[i];
                if (v > pivot) {
                    values[i++] = values[above];
                    values[above++] = v;
                } else if (v < pivot) {
                    values[i] = values[--below];
                    values[below] = v;
                } else {
                    i++;
                }
            }
            if (wanted < above) {
                high = above;
            } else if (wanted >= below) {
                low = below;
            } else {
                return pivot;
            }
        }
    }

    private static float median(float a, float b, float c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
