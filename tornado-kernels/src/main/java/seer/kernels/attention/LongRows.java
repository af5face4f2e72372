package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The last rows of a text, which often keep every block while the others keep a tenth: a group that had such a row to
/// itself would walk on long after all others are through. So several groups share its list, and what they leave is
/// joined.
///
/// ## Shapes
/// | buffer | shape                             | type | direction | note                                            |
/// |--------|-----------------------------------|------|-----------|-------------------------------------------------|
/// | `room` | `[H, shared, parts, 64 * D + 128]` | f32 | between   | of a part: its sums, its maxima, what they weigh |
/// | `out`  | `[T, H * D]` in [Tiles]           | bf16 | out       | of `join`                                       |
/// | `lse`  | `[H, T]`                          | f32  | out       | of `join`                                       |
/// | `dq`   | `[H, T, D]` in [Tiles]            | bf16 | out       | of `add`, zero behind the text                  |
///
/// | `p[...]`   | meaning, beside what the kernels that share have there                     |
/// |------------|-----------------------------------------------------------------------------|
/// | `P_SHARED` | tiles of rows, from the last, whose lists are shared; 0: none               |
/// | `P_PARTS`  | groups that share one                                                       |
/// | `P_LEAST`  | tiles of keys that a part has at least: shorter lists have fewer parts      |
/// | `P_ROOM`   | first float of `room`                                                       |
///
/// ## Tile
/// ```text
///   groups | last rows: part 0 of every head, part 1 ... | head 0: the other rows, from the last | head 1 ...
/// ```
///   the longest lists begin first, in all heads. `join`, `add`: item = pair of columns of a shared row
/// ## Formula
///   o = sum over parts of 2^(m_i - m) o_i / sum over parts of 2^(m_i - m) l_i,  dq = sum over parts of dq_i
/// ## Cost
///   every part is written and read once, of a few rows
/// ## Versions
///   references: [BlockSparseAttention#reference], [BlockSparseAttentionBackward#reference], of the kernels that
///   share · `join`, `add`
public final class LongRows {
    public static final int P_SHARED = 20;
    public static final int P_PARTS = 21;
    public static final int P_LEAST = 22;
    public static final int P_ROOM = 23;

    private static final float LOG2E = 1.4426950f;
    private static final float LN2 = 0.6931472f;

    private LongRows() { }

    /// Floats that a part leaves.
    public static int size(int D) {
        return Tiles.EDGE * D + 2 * Tiles.EDGE;
    }

    /// Groups for so many tiles of rows of each head.
    public static int groups(int tiles, int heads, int shared, int parts) {
        return heads * (tiles + shared * (parts - 1));
    }

    /// The head of a group.
    static int head(int group, IntArray p, int tiles, int H) {
        int early = p.get(P_SHARED) * p.get(P_PARTS) * H;
        return group < early ? group % H : (group - early) / TornadoMath.max(1, tiles - p.get(P_SHARED));
    }

    /// Its tile of rows.
    static int tile(int group, IntArray p, int tiles, int H) {
        int early = p.get(P_SHARED) * p.get(P_PARTS) * H;
        int others = tiles - p.get(P_SHARED);
        return group < early ? tiles - 1 - group / (H * p.get(P_PARTS))
                : others - 1 - (group - early) % TornadoMath.max(1, others);
    }

    /// Its part of their list.
    static int part(int group, IntArray p, int H) {
        return group < p.get(P_SHARED) * p.get(P_PARTS) * H ? group / H % p.get(P_PARTS) : 0;
    }

    /// Groups that have some of a list of so many tiles: those of later parts have nothing.
    static int shares(int count, int tile, IntArray p, int tiles) {
        int most = TornadoMath.min(p.get(P_PARTS), count / TornadoMath.max(1, p.get(P_LEAST)));
        return tile >= tiles - p.get(P_SHARED) ? TornadoMath.max(1, most) : 1;
    }

    /// First tile of a part's; that of the part behind it is the end.
    static int first(int count, int part, int shares) {
        return TornadoMath.min(part, shares) * count / shares;
    }

    /// Where a part leaves its sums.
    static int place(IntArray p, int h, int tile, int tiles, int part, int D) {
        int row = h * p.get(P_SHARED) + tiles - 1 - tile;
        return p.get(P_ROOM) + (row * p.get(P_PARTS) + part) * size(D);
    }

    /// Leaves both rows of an item: the sums as they are, the maxima, what they weigh.
    ///
    /// @param rows as [TileSoftmax] has them
    static void leave(float[] o, float[] rows, FloatArray room, int at, int row, int D, int item) {
        TileSoftmax.finish(rows);
        put(o, 1.0f, room, at, row, D, item);
        if ((item & 3) == 0) {
            for (int i = 0; i < 2; i++) {
                room.set(at + Tiles.EDGE * D + row + i * 8, rows[i]);
                room.set(at + Tiles.EDGE * D + Tiles.EDGE + row + i * 8, rows[2 + i]);
            }
        }
    }

    /// Writes both rows of an item, times a factor, as floats.
    static void put(float[] sum, float factor, FloatArray to, int at, int row, int D, int item) {
        for (int c = 0; c < D / 8; c++) {
            int place = at + row * D + c * 8 + (item & 3) * 2;
            to.set(place, sum[c * 4] * factor);
            to.set(place + 1, sum[c * 4 + 1] * factor);
            to.set(place + 8 * D, sum[c * 4 + 2] * factor);
            to.set(place + 8 * D + 1, sum[c * 4 + 3] * factor);
        }
    }

    /// One item for each of `H * shared * 64 * D / 2` pairs.
    public static void join(KernelContext context, FloatArray room, IntArray start, IntArray index, IntArray out,
                            FloatArray lse, IntArray p, int H, int D, int B) {
        int item = context.globalIdx;
        int shared = p.get(P_SHARED);
        int half = D / 2;
        if (item < H * shared * Tiles.EDGE * half) {
            int rows = p.get(BlockSparseAttention.P_ROWS);
            int tiles = (rows + Tiles.EDGE - 1) / Tiles.EDGE;
            int h = item / (shared * Tiles.EDGE * half);
            int tileRow = tiles - 1 - item / (Tiles.EDGE * half) % shared;
            int row = item / half % Tiles.EDGE;
            int pair = item % half;
            int list = h * p.get(BlockSparseAttention.P_LIST_ROWS) + tileRow / (B / Tiles.EDGE);
            int count = BlockLists.tiles(index,
                    p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_START) + list),
                    p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_END) + list),
                    p.get(BlockSparseAttention.P_OFFSET) / Tiles.EDGE + tileRow, B);
            int shares = shares(count, tileRow, p, tiles);
            if (shares > 1) {
                int at = place(p, h, tileRow, tiles, 0, D);
                int size = size(D);
                float scale = LOG2E / TornadoMath.sqrt((float) D);
                float most = TileSoftmax.LOWEST;
                for (int i = 0; i < shares; i++) {
                    most = TornadoMath.max(most, room.get(at + i * size + Tiles.EDGE * D + row));
                }
                float sum = 0.0f;
                float first = 0.0f;
                float second = 0.0f;
                for (int i = 0; i < shares; i++) {
                    int there = at + i * size;
                    float weight = Warp.exp2((room.get(there + Tiles.EDGE * D + row) - most) * scale);
                    sum += weight * room.get(there + Tiles.EDGE * D + Tiles.EDGE + row);
                    first += weight * room.get(there + row * D + pair * 2);
                    second += weight * room.get(there + row * D + pair * 2 + 1);
                }
                float share = sum > 0.0f ? 1.0f / sum : 0.0f;
                out.set(p.get(BlockSparseAttention.P_OUT) + (tileRow * H + h) * Tiles.ROW * D
                        + pair / Tiles.ROW * Tiles.INTS + Tiles.at(row, pair % Tiles.ROW),
                        Warp.pack(first * share, second * share));
                if (pair == 0 && tileRow * Tiles.EDGE + row < rows && p.get(BlockSparseAttention.P_LSE) >= 0) {
                    lse.set(p.get(BlockSparseAttention.P_LSE) + h * p.get(BlockSparseAttention.P_LSE_STRIDE)
                            + tileRow * Tiles.EDGE + row, most * scale * LN2 + TornadoMath.log(sum));
                }
            }
        }
    }

    /// One item for each of `H * shared * 64 * D / 2` pairs.
    public static void add(KernelContext context, FloatArray room, IntArray start, IntArray index, IntArray dq,
                           IntArray p, int H, int D, int B) {
        int item = context.globalIdx;
        int shared = p.get(P_SHARED);
        int half = D / 2;
        if (item < H * shared * Tiles.EDGE * half) {
            int rows = p.get(BlockSparseAttentionBackward.P_ROWS);
            int tiles = (rows + Tiles.EDGE - 1) / Tiles.EDGE;
            int h = item / (shared * Tiles.EDGE * half);
            int tile = tiles - 1 - item / (Tiles.EDGE * half) % shared;
            int row = item / half % Tiles.EDGE;
            int pair = item % half;
            int list = h * ((rows + B - 1) / B) + tile / (B / Tiles.EDGE);
            int begin = p.get(BlockSparseAttentionBackward.P_INDEX)
                    + start.get(p.get(BlockSparseAttentionBackward.P_START) + list);
            int end = p.get(BlockSparseAttentionBackward.P_INDEX)
                    + start.get(p.get(BlockSparseAttentionBackward.P_END) + list);
            int shares = shares(BlockLists.tiles(index, begin, end, tile, B), tile, p, tiles);
            if (shares > 1) {
                int at = place(p, h, tile, tiles, 0, D) + row * D + pair * 2;
                float first = 0.0f;
                float second = 0.0f;
                for (int i = 0; i < shares; i++) {
                    first += room.get(at + i * size(D));
                    second += room.get(at + i * size(D) + 1);
                }
                dq.set(p.get(BlockSparseAttentionBackward.P_DQ)
                        + (h * p.get(BlockSparseAttentionBackward.P_DQ_STRIDE) + tile) * Tiles.ROW * D
                        + pair / Tiles.ROW * Tiles.INTS + Tiles.at(row, pair % Tiles.ROW),
                        tile * Tiles.EDGE + row < rows ? Warp.pack(first, second) : 0);
            }
        }
    }
}
