package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;

/// Attention of at most 64 queries of one head, with queries along the lanes.
///
/// ```text
///   q^T [D, lanes]    packed once, times log2(e) / sqrt(D)      strip after strip; a strip's three
///   s   [keys, lanes] scores of one piece of at most 64 keys    parts are touched again and again
///   o^T [D, lanes]    running output                            and stay in level 1
/// ```
///
/// Where registers are few and strips narrow, later strips of a piece on the diagonal see more keys than earlier ones:
/// each is computed as far as its own last query sees.
///
/// Cost of a piece: `4 * 64 * 64 * D` flops in the two kernels, 64 x 64 exponentials between them.
final class AttentionTile {
    private static final double LOG2_E = 1 / Math.log(2);
    private final int width;
    private final int lanes; // whole vectors; buffers hold whole strips
    private final int rows;
    private final float[] q;
    private final float[] s;
    private final float[] o;
    private final float[] max;
    private final float[] sum;
    private final float[] shrink;
    private final float[] added;
    private float touched;

    /// @param queries `[.., D]`, rows contiguous from element `at` on
    AttentionTile(float[] queries, int at, int rows, int width, Scratch scratch) {
        this.width = width;
        this.rows = rows;
        lanes = Lanes.padded(rows);
        int stored = Math.ceilDiv(rows, STRIP) * STRIP;
        q = scratch.floats(0, width * stored);
        s = scratch.floats(1, PANEL * STRIP);
        o = scratch.floats(2, width * stored);
        max = scratch.floats(3, lanes + 1);
        sum = scratch.floats(4, lanes);
        shrink = scratch.floats(5, lanes);
        added = scratch.floats(6, lanes);
        touched = FloatRows.touch(queries, at, rows * width / FloatRows.LINE);
        Transpose.toStrips(queries, at, rows, width, (float) (LOG2_E / Math.sqrt(width)), q, stored);
        Arrays.fill(o, 0, width * stored, 0);
        Arrays.fill(max, 0, lanes, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0, lanes, 0);
    }

    /// Attends to keys `0 .. count` of one key block, of which query `i` sees those up to `i + ahead`.
    ///
    /// Blocks lie anywhere in the cache, where no hardware prefetcher expects them: a kernel would wait for each line
    /// by itself, while what touches them beforehand waits for some 24 at a time, and partly behind the multiply-adds
    /// that follow.
    ///
    /// @param tiles  of query heads that share keys, their queries at the same positions
    /// @param heads  how many of them attend
    /// @param from   position of the block's first key
    /// @param next   that of the key block after this one
    /// @param coming keys of that block, 0 if there is none
    static void attend(AttentionTile[] tiles, int heads, CpuCache cache, int group, int from, int count, int ahead,
                       int next, int coming, Scratch scratch) {
        int visible = Math.min(count, ahead + tiles[0].rows);
        for (int first = 0; first < visible; first += PANEL) {
            int piece = Math.min(PANEL, visible - first);
            tiles[0].touched += cache.valueRows().touch(group, from + first, piece);
            boolean last = first + PANEL >= visible;
            int follows = Math.min(PANEL, last ? coming : visible - first - PANEL);
            tiles[0].touched += cache.keyRows().touch(group, last ? next : from + first + PANEL, follows);
            var keys = KeyPiece.of(cache.keyRows(), group, from + first, piece, scratch);
            float[] values = cache.valueRows().panels(group, from + first, piece, Scratch.VALUES, scratch);
            int v = cache.valueRows().panelStart(group, from + first);
            for (int head = 0; head < heads; head++) {
                tiles[head].piece(keys, values, v, piece, ahead - first);
            }
        }
    }

    /// @param ahead as for [#attend], from the piece's first key on
    private void piece(KeyPiece keys, float[] values, int v, int piece, int ahead) {
        for (int lane = 0; lane < lanes; lane += STRIP) {
            int queries = Math.min(STRIP, lanes - lane);
            int last = ahead + lane; // the last key that the strip's first query sees
            strip(keys, values, v, piece, Math.min(piece, last + queries), lane, last, 0);
        }
    }

    /// Attends to at most [Lanes#PANEL] keys that all queries from number `reader` on see whole, and none before it.
    ///
    /// @param values in panels from element `v` on, as [CacheRows#panels] returns them
    void attendFrom(KeyPiece keys, float[] values, int v, int count, int reader) {
        for (int lane = reader / STRIP * STRIP; lane < lanes; lane += STRIP) {
            strip(keys, values, v, count, count, lane, count - 1, reader - lane);
        }
    }

    /// The queries of one strip and the keys that its last query sees, if any.
    ///
    /// @param piece  keys there are
    /// @param seen   the first of them, which the last query sees
    /// @param reader first query that sees any
    private void strip(KeyPiece keys, float[] values, int v, int piece, int seen, int lane, int ahead, int reader) {
        if (seen <= 0) {
            return;
        }
        int vectors = Math.min(STRIP, lanes - lane) / Lanes.LENGTH;
        // -- scores and weights --
        score(keys, seen, lane, vectors, ahead, reader);
        boolean begun = max[lane + vectors * Lanes.LENGTH - 1] != Float.NEGATIVE_INFINITY;
        if (!begun || !OnlineSoftmax.weigh(s, seen, vectors, lane, max, sum, added)) {
            if (begun) {
                score(keys, seen, lane, vectors, ahead, reader);
            }
            OnlineSoftmax.raiseAndWeigh(s, seen, vectors, lane, max, sum, added, o, lane * width, width, shrink);
        }
        // -- accumulate --
        for (int d = 0; d < width; d += PANEL) {
            StripKernel.multiply(values, v + d * piece, Math.min(PANEL, width - d), seen, s, 0, vectors, o,
                    lane * width + d * STRIP, true);
        }
    }

    private void score(KeyPiece keys, int seen, int lane, int vectors, int ahead, int reader) {
        keys.score(seen, width, q, lane * width, vectors, s);
        if (seen - 1 > ahead) {
            OnlineSoftmax.mask(s, seen, STRIP, ahead);
        }
        if (reader > 0) {
            OnlineSoftmax.maskBefore(s, seen, STRIP, reader);
        }
    }

    /// Divides by the sums and writes row `t` to `out[at + t * stride ...]`.
    void finish(float[] out, int at, int stride) {
        for (int t = 0; t < rows; t++) {
            shrink[t] = sum[t] == 0 ? 0 : 1 / sum[t];
        }
        for (int t = 0; t < rows; t++) {
            touched += FloatRows.touch(out, at + t * stride, width / FloatRows.LINE);
        }
        max[lanes] = touched; // keeps the reading alive
        Transpose.fromStrips(o, Math.ceilDiv(rows, STRIP) * STRIP, rows, width, shrink, out, at, stride);
    }

    /// Writes the natural logarithms of the denominators.
    void logSumExp(float[] target, int at) {
        for (int t = 0; t < rows; t++) {
            target[at + t] = (float) (max[t] / LOG2_E + Math.log(sum[t]));
        }
    }
}
