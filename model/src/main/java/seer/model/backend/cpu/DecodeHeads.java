package seer.model.backend.cpu;

import java.util.Arrays;

/// Some query heads of one token that share keys and values, a piece of the cache at a time: it is read once, and stays
/// in the level-1 cache for the other heads.
final class DecodeHeads {
    /// Keys of a piece: 16 KiB where heads are 64 wide.
    private static final int PIECE = 64;

    private final int heads;
    private final int width;
    private final float[] q;   // [heads, D], divided by sqrt(D)
    private final float[] o;   // [heads, D]
    private final float[] max; // [heads]
    private final float[] sum; // [heads]
    private final float[] s;   // [PIECE]
    private final float[] partial; // [PIECE, LENGTH]

    /// @param queries rows `stride` apart from element `at` on
    DecodeHeads(float[] queries, int at, int stride, int heads, int width, Scratch scratch) {
        this.heads = heads;
        this.width = width;
        q = scratch.floats(0, heads * width);
        o = scratch.floats(2, heads * width);
        max = scratch.floats(3, heads);
        sum = scratch.floats(4, heads);
        s = scratch.floats(1, PIECE);
        partial = scratch.floats(5, PIECE * Lanes.LENGTH);
        float scale = (float) (1 / Math.sqrt(width));
        for (int head = 0; head < heads; head++) {
            for (int d = 0; d < width; d++) {
                q[head * width + d] = queries[at + head * stride + d] * scale;
            }
        }
        Arrays.fill(o, 0, heads * width, 0);
        Arrays.fill(max, 0, heads, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0, heads, 0);
    }

    /// Attends to `count` keys from position `from` on, all of which every head sees.
    void attend(CpuCache cache, int group, int from, int count, Scratch scratch) {
        for (int first = from; first < from + count; first += PIECE) {
            int piece = Math.min(PIECE, from + count - first);
            float[] keys = cache.keyRows().floats(group, first, piece, Scratch.KEYS, scratch);
            float[] values = cache.valueRows().floats(group, first, piece, Scratch.VALUES, scratch);
            int k = cache.keyRows().start(group, first);
            int v = cache.valueRows().start(group, first);
            for (int head = 0; head < heads; head++) {
                DecodeKernel.scores(q, head * width, keys, k, width, piece, s, partial);
                float shrink = weigh(head, piece);
                DecodeKernel.accumulate(s, values, v, width, piece, shrink, o, head * width);
            }
        }
    }

    /// Turns a piece's scores into weights.
    ///
    /// @return what sums made with the old maximum are to be multiplied with
    private float weigh(int head, int piece) {
        float highest = max[head];
        for (int key = 0; key < piece; key++) {
            highest = s[key] > highest ? s[key] : highest;
        }
        float shrink = (float) Math.exp(max[head] - highest);
        VectorExp.exp(s, 0, piece, 1, highest, s, 0);
        float total = 0;
        for (int key = 0; key < piece; key++) {
            total += s[key];
        }
        max[head] = highest;
        sum[head] = sum[head] * shrink + total;
        return shrink;
    }

    /// Divides by the sums and writes the heads one after the other.
    void finish(float[] out, int at) {
        for (int head = 0; head < heads; head++) {
            float factor = sum[head] == 0 ? 0 : 1 / sum[head];
            for (int d = head * width; d < (head + 1) * width; d++) {
                out[at + d] = o[d] * factor;
            }
        }
    }

    /// Writes the natural logarithms of the denominators.
    void logSumExp(float[] target, int at) {
        for (int head = 0; head < heads; head++) {
            target[at + head] = (float) (max[head] + Math.log(sum[head]));
        }
    }
}
