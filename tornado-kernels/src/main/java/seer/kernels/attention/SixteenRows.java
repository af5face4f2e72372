package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Sixteen rows of queries a warp, in registers, against tiles of 64 keys in local memory: what kernels share whose
/// work is small beside attention to the listed blocks. [BlockSparseAttentionMma] has 32 rows a warp, so that what it
/// loads of a tile serves both halves.
final class SixteenRows {
    private SixteenRows() { }

    /// Sixteen rows as the first factor of a product wants them.
    static void loadQueries(int[] qs, IntArray q, int at, int row, int D, int item) {
        for (int i = 0; i < D / 4; i++) { // two rows, two columns, eight columns on
            qs[i] = q.get(at + i / 16 * Tiles.INTS + Tiles.at(row + i % 2 * 8, i % 16 / 2 * 4 + (item & 3)));
        }
    }

    /// `s = Q K^T`, 16 x 64. A load brings eight keys and 32 columns.
    static void scores(float[] s, int[] qs, int[] f, int[] local, int k, int D, int item) {
        int row = item & 7;
        int chunk = item >> 3 & 3;
        TileSoftmax.clear(s, 8);
        for (int i = 0; i < D / 32; i++) {
            for (int b = 0; b < 8; b++) {
                int at = k + i / 2 * Tiles.INTS + (b * 8 + row) * Tiles.ROW;
                Warp.load4(local, at + ((i % 2 * 4 + chunk ^ row) << 2), f, 0);
                Warp.multiplyAdd(s, b * 4, qs, i * 8, f, 0);
                Warp.multiplyAdd(s, b * 4, qs, i * 8 + 4, f, 2);
            }
        }
    }

    /// `o += P V`, 16 x 64 by 64 x D. A load brings sixteen keys and sixteen columns, transposed.
    static void values(float[] o, int[] e, int[] f, int[] local, int v, int D, int item) {
        int row = (item >> 3 & 1) * 8 + (item & 7);
        int chunk = item >> 4 & 1;
        for (int i = 0; i < 4; i++) {
            for (int y = 0; y < D / 16; y++) {
                Warp.load4Transposed(local, v + y / 4 * Tiles.INTS + (i * 16 + row) * Tiles.ROW
                        + ((y % 4 * 2 + chunk ^ row & 7) << 2), f, 0);
                Warp.multiplyAdd(o, y * 8, e, i * 4, f, 0);
                Warp.multiplyAdd(o, y * 8 + 4, e, i * 4, f, 2);
            }
        }
    }
}
