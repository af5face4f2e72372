package seer.kernels.gate;

import seer.warp.Quad;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// What warps do with block scores: those of 32 rows by products of tensor cores, and one row of them in registers.
///
/// A float passes in three parts of bf16, which hold all of its 24 bits, and six products make one of fp32:
///
/// ```text
///   x = h + m + l      h = bf16(x)    m = bf16(x - h)    l = bf16(x - h - m)
///   q k = hq hk + (hq mk + mq hk) + (hq lk + mq mk + lq hk)        what is left out is below 2^-23 of it
///
///   a warp: 32 rows x 16 keys        as Warp draws a product, lane 4 g + t has columns 2t, 2t + 1, 8 + 2t, 9 + 2t
///                                    of keys g and g + 8, and sums of rows g, g + 8, ...
///   in memory these are columns      4t, 4t + 1, 4t + 2, 4t + 3, read at once: a sum does not ask for their order, as
///                                    long as the queries have the same
///
///   a row:  lane i has scores i, i + 32, ..., 64 of them: 2,048, which is a prompt of 131,072 tokens in blocks of 64
/// ```
/// Longer rows pass a page at a time, each time that they are looked at.
final class RowScores {
    /// Rows of a group.
    static final int ROWS = BlockSelection.WARP_ROWS;
    /// Warps of a group.
    static final int WARPS = BlockSelection.WARP_ITEMS / Warp.LANES;
    /// Columns of queries in local memory at a time.
    static final int SLICE = 128;
    /// Ints from one row of them to the next: eight rows of 16 bytes fall into different banks.
    static final int PITCH = SLICE / 2 + 4;
    /// Ints of one part of all rows.
    static final int PART = ROWS * PITCH;
    /// Scores of a row that a lane holds, and the warp.
    static final int HELD = 64;
    static final int PAGE = HELD * Warp.LANES;
    /// Scores of a lane that are looked at together, or not at all.
    static final int SEGMENT = 16;

    private static final int KEYS = 16; // of a warp at a time
    private static final int BATCH = 64; // columns whose loads are on their way together

    private RowScores() { }

    /// Scores of the rows in `parts` against keys `0 ... longest - 1`, for the columns from `slice` on.
    ///
    /// @param parts three parts of [#ROWS] rows, filled up with zeros; a helper may only hand it on
    /// @param keys  first element of the keys, `width` columns each
    /// @param slot  where scores go, `stride` from row to row; those of later slices are added
    static void score(int[] parts, FloatArray k, int keys, int width, int longest, int slice, FloatArray scratch,
                      int slot, int stride, float scale, int item) {
        int lane = item % Warp.LANES;
        int g = lane / 4;
        int t = lane % 4;
        int aligned = (keys | width) % 4 == 0 ? 1 : 0; // columns behind the last meet zeros, and are others read again
        float[] next = new float[KEYS * BATCH / Warp.LANES];
        float[] sum = new float[ROWS / 2];
        int[] high = new int[4];
        int[] middle = new int[4];
        int[] low = new int[4];
        int[] b = new int[12];
        for (int from = item / Warp.LANES * KEYS; from < longest; from += WARPS * KEYS) {
            for (int i = 0; i < ROWS / 2; i++) {
                sum[i] = 0.0f;
            }
            for (int c = 0; c < SLICE && slice + c < width; c += BATCH) {
                if (aligned > 0) {
                    for (int i = 0; i < KEYS * BATCH / Warp.LANES; i += 4) { // two keys, four steps
                        int key = TornadoMath.min(from + i / 16 * 8 + g, longest - 1);
                        int column = slice + c + i % 16 / 4 * 16 + t * 4;
                        Quad.get(k, keys + key * width + TornadoMath.min(column, width - 4), next, i);
                    }
                } else {
                    for (int i = 0; i < KEYS * BATCH / Warp.LANES; i++) {
                        int key = TornadoMath.min(from + i / 16 * 8 + g, longest - 1);
                        int column = slice + c + i % 16 / 4 * 16 + t * 4 + i % 4;
                        next[i] = k.get(keys + key * width + TornadoMath.min(column, width - 1));
                    }
                }
                for (int s = 0; s < BATCH / 16; s++) {
                    if (slice + c + s * 16 < width) {
                        for (int tile = 0; tile < 2; tile++) {
                            split(next, tile * 16 + s * 4, b, tile * 6);
                            split(next, tile * 16 + s * 4 + 2, b, tile * 6 + 1);
                        }
                        for (int m = 0; m < ROWS / 16; m++) {
                            int at = (m * 16 + lane % 16) * PITCH + (c / 16 + s) * 8 + lane / 16 * 4;
                            Warp.load4(parts, at, high, 0);
                            Warp.load4(parts, at + PART, middle, 0);
                            Warp.load4(parts, at + 2 * PART, low, 0);
                            for (int tile = 0; tile < 2; tile++) {
                                int d = m * 8 + tile * 4;
                                Warp.multiplyAdd(sum, d, low, 0, b, tile * 6);
                                Warp.multiplyAdd(sum, d, middle, 0, b, tile * 6 + 2);
                                Warp.multiplyAdd(sum, d, high, 0, b, tile * 6 + 4);
                                Warp.multiplyAdd(sum, d, middle, 0, b, tile * 6);
                                Warp.multiplyAdd(sum, d, high, 0, b, tile * 6 + 2);
                                Warp.multiplyAdd(sum, d, high, 0, b, tile * 6);
                            }
                        }
                    }
                }
            }
            store(sum, scratch, slot + g * stride, stride, from + t * 2, longest, scale, slice);
        }
    }

    /// Where two neighbouring columns of a query stand, in ints: where a lane has those of a key.
    static int place(int pair) {
        return pair / 8 * 8 + pair % 2 * 4 + pair % 8 / 2;
    }

    /// Stores what a lane has of two products, or adds it to what the slices before gave.
    private static void store(float[] sum, FloatArray scratch, int row, int stride, int first, int longest, float scale,
                              int slice) {
        for (int i = 0; i < ROWS / 2; i++) {
            int key = first + i % 8 / 4 * 8 + i % 2;
            int to = row + (i / 8 * 16 + i % 4 / 2 * 8) * stride + key;
            if (key < longest) {
                float score = sum[i] * scale;
                if (slice > 0) {
                    score = score + scratch.get(to);
                }
                scratch.set(to, score);
            }
        }
    }

    /// The parts of two neighbouring columns of a key: ints `at`, `at + 2` and `at + 4` of a second factor.
    private static void split(float[] next, int from, int[] b, int at) {
        float x = next[from];
        float y = next[from + 1];
        b[at] = Warp.pack(x, y);
        x = x - Warp.low(b[at]);
        y = y - Warp.high(b[at]);
        b[at + 2] = Warp.pack(x, y);
        b[at + 4] = Warp.pack(x - Warp.low(b[at + 2]), y - Warp.high(b[at + 2]));
    }

    /// Brings a page of a row into registers: `left` scores from `from` on. Behind them, in their last segment, stand
    /// some that are below all others; the segments after that one are not to be looked at.
    static void load(float[] x, FloatArray scratch, int from, int left, int lane) {
        for (int s = 0; s < HELD / SEGMENT; s++) {
            if (s * SEGMENT * Warp.LANES < left) {
                for (int i = s * SEGMENT; i < s * SEGMENT + SEGMENT; i++) {
                    int j = i * Warp.LANES + lane; // no branch: all loads are on their way before one is looked at
                    float score = scratch.get(from + TornadoMath.min(j, left - 1));
                    x[i] = j < left ? score : Float.NEGATIVE_INFINITY;
                }
            }
        }
    }

    /// How many of a lane's scores on a page are above `limit`.
    static int above(float[] x, float limit, int left) {
        int above = 0;
        for (int s = 0; s < HELD / SEGMENT; s++) {
            if (s * SEGMENT * Warp.LANES < left) {
                for (int i = s * SEGMENT; i < s * SEGMENT + SEGMENT; i++) {
                    above += x[i] > limit ? 1 : 0;
                }
            }
        }
        return above;
    }

    /// The largest of a lane's scores on a page; infinite if one is NaN or infinite: devices lose a NaN in comparisons
    /// but `==`.
    static float largest(float[] x, float largest, int left, int lane) {
        float most = largest;
        for (int s = 0; s < HELD / SEGMENT; s++) {
            if (s * SEGMENT * Warp.LANES < left) {
                for (int i = s * SEGMENT; i < s * SEGMENT + SEGMENT; i++) {
                    float seen = x[i] * 0.0f == 0.0f ? x[i] : Float.POSITIVE_INFINITY;
                    most = TornadoMath.max(most, i * Warp.LANES + lane < left ? seen : most);
                }
            }
        }
        return most;
    }

    /// The smallest of a lane's scores on a page.
    static float smallest(float[] x, float smallest, int left, int lane) {
        float least = smallest;
        for (int s = 0; s < HELD / SEGMENT; s++) {
            if (s * SEGMENT * Warp.LANES < left) {
                for (int i = s * SEGMENT; i < s * SEGMENT + SEGMENT; i++) {
                    least = TornadoMath.min(least, i * Warp.LANES + lane < left ? x[i] : least);
                }
            }
        }
        return least;
    }

    /// `sum` and, of a lane's scores on a page, e to the power of each less the row's largest: 0 behind the row.
    static float powers(float[] x, float largest, float sum, int left) {
        float all = sum;
        for (int s = 0; s < HELD / SEGMENT; s++) {
            if (s * SEGMENT * Warp.LANES < left) {
                for (int i = s * SEGMENT; i < s * SEGMENT + SEGMENT; i++) {
                    all = all + TornadoMath.exp(x[i] - largest);
                }
            }
        }
        return all;
    }

    /// The largest that a lane of the warp has.
    static float most(float x) {
        float most = x;
        for (int mask = 1; mask < Warp.LANES; mask = mask * 2) {
            most = TornadoMath.max(most, Warp.exchange(most, mask));
        }
        return most;
    }

    /// The sum of what the lanes of the warp have.
    static float sum(float x) {
        float sum = x;
        for (int mask = 1; mask < Warp.LANES; mask = mask * 2) {
            sum = sum + Warp.exchange(sum, mask);
        }
        return sum;
    }

    /// The same of whole numbers.
    static int total(int x) {
        int sum = x;
        for (int mask = 1; mask < Warp.LANES; mask = mask * 2) {
            sum = sum + Warp.exchangeInt(sum, mask);
        }
        return sum;
    }
}
