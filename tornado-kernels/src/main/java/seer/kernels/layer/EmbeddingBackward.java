package seer.kernels.layer;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of [Embedding] by its table: every token's derivative is added to its row.
///
/// ## Shapes
/// | buffer   | shape                | type | direction | note                                             |
/// |----------|----------------------|------|-----------|--------------------------------------------------|
/// | `dx`     | `[T, C]`             | f32  | in        |                                                  |
/// | `lists`  | `[U, 3]`, then `[T]` | i32  | in        | as [#lists] makes them of the text               |
/// | `dTable` | `[V, C]`             | f32  | in, out   | added to                                         |
///
/// ## Tile
///   group = 64 columns of a token that occurs, 256 items: item (c, s) adds up the places s, s + 4, ... of the token's,
///   and the first of a column's four adds theirs. No two groups add to one number, and the order of a sum depends on
///   the text alone. The host sorts the places ([#lists]).
/// ## Formula
///   dTable[tokens[t]] += dx[t]
/// ## Cost
///   reads `dx` once: memory-bound; as long as the most frequent token takes.
/// ## Versions
///   `reference` plain loops, double · `listed` one group per token and 64 columns
public final class EmbeddingBackward {
    /// Numbers of a token in front of the places.
    public static final int TOKEN = 3;
    /// Items of a group, and columns.
    public static final int GROUP = 256;
    public static final int COLUMNS = 64;

    private EmbeddingBackward() {
    }

    /// The oracle: what is added.
    public static double[] reference(float[] dx, int[] tokens, int V, int C) {
        var sum = new double[V * C];
        for (int i = 0; i < dx.length; i++) {
            sum[tokens[i / C] * C + i % C] += dx[i];
        }
        return sum;
    }

    /// Of each of the `U` tokens that occur: which it is, where its places begin, and where they end, counted from the
    /// first of these numbers; then the places in the text, each token's in their order.
    public static int[] lists(int[] tokens) {
        var counts = new int[Arrays.stream(tokens).max().orElse(0) + 1];
        for (int token : tokens) {
            counts[token]++;
        }
        int different = (int) Arrays.stream(counts).filter(count -> count > 0).count();
        var lists = new int[different * TOKEN + tokens.length];
        int at = different * TOKEN;
        int entry = 0;
        var next = new int[counts.length]; // place of a token's next place
        for (int token = 0; token < counts.length; token++) {
            if (counts[token] > 0) {
                lists[entry++] = token;
                lists[entry++] = at;
                next[token] = at;
                at += counts[token];
                lists[entry++] = at;
            }
        }
        for (int t = 0; t < tokens.length; t++) {
            lists[next[tokens[t]]++] = t;
        }
        return lists;
    }

    /// Groups along x for each token that occurs, along y for each [#COLUMNS] columns.
    ///
    /// @param p 0 base of `lists`, 1 `C`, 2 base of `dx`, 3 of `dTable`
    public static void listed(KernelContext context, FloatArray dx, IntArray lists, FloatArray dTable, IntArray p) {
        float[] sums = context.allocateFloatLocalArray(GROUP);
        int item = context.localIdx;
        int width = p.get(1);
        int at = p.get(0) + context.groupIdx * TOKEN;
        int begin = p.get(0) + lists.get(at + 1);
        int end = p.get(0) + lists.get(at + 2);
        int c = context.groupIdy * COLUMNS + item % COLUMNS;
        float sum = 0.0f;
        if (c < width) {
            for (int i = begin + item / COLUMNS; i < end; i += GROUP / COLUMNS) {
                sum += dx.get(p.get(2) + lists.get(i) * width + c);
            }
        }
        sums[item] = sum;
        context.localBarrier();
        if (item < COLUMNS && c < width) {
            int to = p.get(3) + lists.get(at) * width + c;
            float all = dTable.get(to);
            for (int i = item; i < GROUP; i += COLUMNS) {
                all = all + sums[i];
            }
            dTable.set(to, all);
        }
    }
}
