package seer.kernels.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
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
///   group = token that occurs, item = column: it adds up the token's places in their order, and no two items add to
///   one number. The host sorts the places ([#lists]).
/// ## Formula
///   dTable[tokens[t]] += dx[t]
/// ## Cost
///   reads `dx` once: memory-bound; as long as the most frequent token takes.
/// ## Versions
///   `reference` plain loops, double · `listed` one group per token
public final class EmbeddingBackward {
    /// Numbers of a token in front of the places.
    public static final int TOKEN = 3;
    /// Items of a group.
    public static final int GROUP = 64;

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
        var places = new TreeMap<Integer, List<Integer>>();
        for (int t = 0; t < tokens.length; t++) {
            places.computeIfAbsent(tokens[t], _ -> new ArrayList<>()).add(t);
        }
        var lists = new int[places.size() * TOKEN + tokens.length];
        int token = 0;
        int at = places.size() * TOKEN;
        for (var each : places.entrySet()) {
            lists[token * TOKEN] = each.getKey();
            lists[token * TOKEN + 1] = at;
            for (int place : each.getValue()) {
                lists[at++] = place;
            }
            lists[token++ * TOKEN + 2] = at;
        }
        return lists;
    }

    /// One group for each token that occurs.
    ///
    /// @param p 0 base of `lists`, 1 `C`, 2 base of `dx`, 3 of `dTable`
    public static void listed(KernelContext context, FloatArray dx, IntArray lists, FloatArray dTable, IntArray p) {
        int width = p.get(1);
        int at = p.get(0) + context.groupIdx * TOKEN;
        int row = p.get(3) + lists.get(at) * width;
        int begin = p.get(0) + lists.get(at + 1);
        int end = p.get(0) + lists.get(at + 2);
        for (int c = context.localIdx; c < width; c += GROUP) {
            float sum = dTable.get(row + c);
            for (int i = begin; i < end; i++) {
                sum += dx.get(p.get(2) + lists.get(i) * width + c);
            }
            dTable.set(row + c, sum);
        }
    }
}
