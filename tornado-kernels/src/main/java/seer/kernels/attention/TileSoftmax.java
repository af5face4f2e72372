package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The steps of the online softmax on scores that are spread over the registers of a warp.
///
/// An item holds two rows of scores, `r` and `r + 8`, eight columns apart two by two, as [seer.warp.Warp] draws it for
/// a product's sum:
///
/// ```text
///              columns   8c + 2t  8c + 2t + 1          t = item % 4, c counts the groups of eight columns
///     row r              s[4c]    s[4c + 1]
///     row r + 8          s[4c+2]  s[4c + 3]
/// ```
/// The four items of one `t = 0..3` hold a row together: two exchanges bring its maximum and its sum to all of them.
///
/// `groups` is the number of groups of eight columns. Helpers may take private arrays, which stay in registers once
/// they are inlined.
final class TileSoftmax {
    /// The score of a key that may not be seen.
    static final float HIDDEN = -1e30f;
    /// What running maxima start at: above [#HIDDEN], so that a row of hidden keys has a sum of 0.
    static final float LOWEST = -1e29f;

    private TileSoftmax() { }

    /// Hides the keys behind a query: columns `first ...` of a row at position `row`.
    static void hideLater(float[] s, int groups, int first, int row, int item) {
        for (int c = 0; c < groups; c++) {
            int column = first + c * 8 + (item & 3) * 2;
            s[c * 4] = column <= row ? s[c * 4] : HIDDEN;
            s[c * 4 + 1] = column < row ? s[c * 4 + 1] : HIDDEN;
            s[c * 4 + 2] = column <= row + 8 ? s[c * 4 + 2] : HIDDEN;
            s[c * 4 + 3] = column < row + 8 ? s[c * 4 + 3] : HIDDEN;
        }
    }

    /// Hides the columns behind `first` in an item's first row, and behind `second` in its other one.
    static void hideBehind(float[] s, int groups, int first, int second, int item) {
        for (int c = 0; c < groups; c++) {
            int column = c * 8 + (item & 3) * 2;
            s[c * 4] = column <= first ? s[c * 4] : HIDDEN;
            s[c * 4 + 1] = column < first ? s[c * 4 + 1] : HIDDEN;
            s[c * 4 + 2] = column <= second ? s[c * 4 + 2] : HIDDEN;
            s[c * 4 + 3] = column < second ? s[c * 4 + 3] : HIDDEN;
        }
    }

    /// Six floats of an item's two rows: their maxima, their sums (this item's part), what the last step shrank them
    /// by.
    static void begin(float[] rows) {
        rows[0] = LOWEST;
        rows[1] = LOWEST;
        rows[2] = 0.0f;
        rows[3] = 0.0f;
    }

    /// One step of the online softmax: raises the maxima, makes of the scores `2^(scale * (s - maximum))` and packs
    /// them as the first factor of the next product.
    ///
    /// @param e `2 * groups` ints
    static void absorb(float[] s, int groups, float[] rows, float scale, int[] e) {
        raise(s, groups, rows, 0, scale);
        raise(s, groups, rows, 1, scale);
        float shift0 = rows[0] * scale;
        float shift1 = rows[1] * scale;
        float sum0 = rows[2] * rows[4];
        float sum1 = rows[3] * rows[5];
        for (int c = 0; c < groups; c++) {
            float e0 = Warp.exp2(s[c * 4] * scale - shift0);
            float e1 = Warp.exp2(s[c * 4 + 1] * scale - shift0);
            float e2 = Warp.exp2(s[c * 4 + 2] * scale - shift1);
            float e3 = Warp.exp2(s[c * 4 + 3] * scale - shift1);
            sum0 = sum0 + (e0 + e1);
            sum1 = sum1 + (e2 + e3);
            e[c * 2] = Warp.pack(e0, e1);
            e[c * 2 + 1] = Warp.pack(e2, e3);
        }
        rows[2] = sum0;
        rows[3] = sum1;
    }

    /// As [#absorb], but the exponents stay in `s`: the registers of the first factor are still in use.
    static void absorbBeside(float[] s, int groups, float[] rows, float scale) {
        raise(s, groups, rows, 0, scale);
        raise(s, groups, rows, 1, scale);
        float shift0 = rows[0] * scale;
        float shift1 = rows[1] * scale;
        float sum0 = rows[2] * rows[4];
        float sum1 = rows[3] * rows[5];
        for (int c = 0; c < groups; c++) {
            s[c * 4] = Warp.exp2(s[c * 4] * scale - shift0);
            s[c * 4 + 1] = Warp.exp2(s[c * 4 + 1] * scale - shift0);
            s[c * 4 + 2] = Warp.exp2(s[c * 4 + 2] * scale - shift1);
            s[c * 4 + 3] = Warp.exp2(s[c * 4 + 3] * scale - shift1);
            sum0 = sum0 + (s[c * 4] + s[c * 4 + 1]);
            sum1 = sum1 + (s[c * 4 + 2] + s[c * 4 + 3]);
        }
        rows[2] = sum0;
        rows[3] = sum1;
    }

    /// The new maximum of one of the rows, and by what its sum shrinks.
    private static void raise(float[] s, int groups, float[] rows, int row, float scale) {
        float most = rows[row];
        for (int c = 0; c < groups; c++) {
            most = TornadoMath.max(most, TornadoMath.max(s[c * 4 + row * 2], s[c * 4 + row * 2 + 1]));
        }
        most = TornadoMath.max(most, Warp.exchange(most, 1));
        most = TornadoMath.max(most, Warp.exchange(most, 2));
        rows[4 + row] = Warp.exp2((rows[row] - most) * scale);
        rows[row] = most;
    }

    /// Adds up what the four items of a row hold.
    static void finish(float[] rows) {
        for (int row = 0; row < 2; row++) {
            float half = rows[2 + row] + Warp.exchange(rows[2 + row], 1);
            rows[2 + row] = half + Warp.exchange(half, 2);
        }
    }

    /// Rounds exponents to bf16: they are the first factor of the next product as they stand.
    static void pack(float[] s, int groups, int[] e) {
        for (int c = 0; c < groups; c++) {
            e[c * 2] = Warp.pack(s[c * 4], s[c * 4 + 1]);
            e[c * 2 + 1] = Warp.pack(s[c * 4 + 2], s[c * 4 + 3]);
        }
    }

    static void clear(float[] o, int groups) {
        for (int c = 0; c < groups * 4; c++) {
            o[c] = 0.0f;
        }
    }

    /// Whether the last step raised the maximum of any row of the warp, two times sixteen: if not, nothing shrinks.
    /// A row that is not in use, of NaN perhaps, counts as raised.
    static boolean raised(float[] rows0, float[] rows1) {
        float least = TornadoMath.min(TornadoMath.min(rows0[4], rows0[5]), TornadoMath.min(rows1[4], rows1[5]));
        return Warp.ballot(least >= 1.0f ? 0 : 1) != 0;
    }

    /// Shrinks what has been accumulated as the last step shrank the sums.
    static void shrink(float[] o, int groups, float[] rows) {
        float first = rows[4];
        float second = rows[5];
        for (int c = 0; c < groups; c++) {
            o[c * 4] = o[c * 4] * first;
            o[c * 4 + 1] = o[c * 4 + 1] * first;
            o[c * 4 + 2] = o[c * 4 + 2] * second;
            o[c * 4 + 3] = o[c * 4 + 3] * second;
        }
    }

    /// Writes both rows, divided by their sums, into tiles of bf16.
    ///
    /// @param at  first int of the leftmost of the tiles
    /// @param row of the tile
    static void store(float[] o, int groups, float[] rows, IntArray out, int at, int row, int item) {
        float i0 = rows[2] > 0.0f ? 1.0f / rows[2] : 0.0f;
        float i1 = rows[3] > 0.0f ? 1.0f / rows[3] : 0.0f;
        for (int c = 0; c < groups; c++) {
            int to = at + c / 8 * Tiles.INTS + Tiles.at(row, c % 8 * 4 + (item & 3));
            out.set(to, Warp.pack(o[c * 4] * i0, o[c * 4 + 1] * i0));
            out.set(to + 8 * Tiles.ROW, Warp.pack(o[c * 4 + 2] * i1, o[c * 4 + 3] * i1));
        }
    }

    /// Joins both rows, divided by their sums, with what stands in tiles of bf16.
    ///
    /// @param share0 what the first row weighs in the result
    /// @param at     first int of the leftmost of the tiles
    /// @param row    of the tile
    static void join(float[] o, int groups, float[] rows, float share0, float share1, IntArray out, int at, int row,
                     int item) {
        float i0 = rows[2] > 0.0f ? share0 / rows[2] : 0.0f;
        float i1 = rows[3] > 0.0f ? share1 / rows[3] : 0.0f;
        for (int c = 0; c < groups; c++) {
            int to = at + c / 8 * Tiles.INTS + Tiles.at(row, c % 8 * 4 + (item & 3));
            int first = out.get(to);
            int second = out.get(to + 8 * Tiles.ROW);
            out.set(to, Warp.pack(Warp.low(first) * (1.0f - share0) + o[c * 4] * i0,
                    Warp.high(first) * (1.0f - share0) + o[c * 4 + 1] * i0));
            out.set(to + 8 * Tiles.ROW, Warp.pack(Warp.low(second) * (1.0f - share1) + o[c * 4 + 2] * i1,
                    Warp.high(second) * (1.0f - share1) + o[c * 4 + 3] * i1));
        }
    }

    /// Writes the natural log-sum-exp of a row that is in use; negative infinity for one without keys.
    static void storeLogSum(FloatArray lse, int at, int row, int rows, float most, float sum, float scale, int item) {
        if ((item & 3) == 0 && row < rows) {
            lse.set(at + row, most * scale * LN2 + TornadoMath.log(sum));
        }
    }

    private static final float LN2 = 0.6931472f;
}
