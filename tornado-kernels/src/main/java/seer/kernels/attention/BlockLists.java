package seer.kernels.attention;

import seer.kernels.Tiles;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Lists for attention to walk: compressed sparse rows of every causal block. Those of a gate are
/// [seer.kernels.gate.BlockSelection]'s. And how many blocks lists hold.
///
/// ## Shapes
/// | buffer  | shape             | type | direction | note                                                     |
/// |---------|-------------------|------|-----------|----------------------------------------------------------|
/// | `start` | `[H * rows + 1]`  | i32  | out       | where a list begins and the one before ends              |
/// | `index` | `[kept]`          | i32  | out       | ascending within a row; the diagonal last                |
///
/// | `masks` | `[M, 3]`          | i32  | in        | of `count`: where beginnings and ends stand in `start`; rows |
/// | `kept`  | `[M]`             | i32  | out       | of `count`: blocks of each mask                          |
///
/// | `places`, `packed` |            | i32  | in, out   | of `pack`: `start` and `index` without gaps              |
///
/// ## Tile
///   `dense`, `pack`: item = row. `count`: group = mask; item i sums rows i, i + 128, ...; then a tree of 7 steps.
/// ## Formula
///   start[r + 1] = start[r] + kept blocks of row r;  index[start[r] ...] = those blocks
///   kept[m] = sum over its rows of end - beginning
/// ## Cost
///   one write per block; two reads per row.
/// ## Versions
///   `reference` plain loops, of any map · `dense` of every causal block · `pack` closes the gaps ·
///   `count` one group per mask
public final class BlockLists {
    /// Items of a group of [#count].
    public static final int GROUP = 128;
    /// Numbers of a mask.
    public static final int MASK = 3;

    /// Places of [#pack]: rows of all heads; where in `start` beginnings stand, and ends; bases of `index`, of
    /// `places`, the wanted beginnings, and of `packed`.
    public static final int P_ROWS = 0;
    public static final int P_STARTS = 1;
    public static final int P_ENDS = 2;
    public static final int P_INDEX = 3;
    public static final int P_PLACES = 4;
    public static final int P_PACKED = 5;

    private BlockLists() {
    }

    /// The oracle: `start` and `index`, one after the other, of `keep[H, N, N]`.
    public static int[] reference(boolean[] keep, int H, int N) {
        int rows = H * N;
        var lists = new int[rows + 1 + keep.length];
        int kept = 0;
        for (int r = 0; r < rows; r++) {
            for (int j = 0; j < N; j++) {
                if (keep[r * N + j]) {
                    lists[rows + 1 + kept++] = j;
                }
            }
            lists[r + 1] = kept;
        }
        return java.util.Arrays.copyOf(lists, rows + 1 + kept);
    }

    /// Lists every causal block. One item for each row of each head.
    ///
    /// @param p 0 rows of all heads, 1 base of `start`, 2 rows of a head, 3 first row, 4 base of `index`
    public static void dense(KernelContext context, IntArray start, IntArray index, IntArray p) {
        int r = context.globalIdx;
        if (r < p.get(0)) {
            int rows = p.get(2);
            int first = p.get(3);
            int head = r / rows;
            int row = r % rows;
            int before = head * (rows * first + rows * (rows + 1) / 2) + row * first + row * (row + 1) / 2;
            int count = first + row + 1;
            for (int j = 0; j < count; j++) {
                index.set(p.get(4) + before + j, j);
            }
            start.set(p.get(1) + r + 1, before + count);
            if (r == 0) {
                start.set(p.get(1), 0);
            }
        }
    }

    /// Puts the lists of rows one behind the other. One item for each row of each head.
    public static void pack(KernelContext context, IntArray start, IntArray index, IntArray places, IntArray packed,
                            IntArray p) {
        int r = context.globalIdx;
        if (r < p.get(P_ROWS)) {
            int from = start.get(p.get(P_STARTS) + r);
            int count = start.get(p.get(P_ENDS) + r) - from;
            int to = p.get(P_PACKED) + places.get(p.get(P_PLACES) + r);
            for (int i = 0; i < count; i++) {
                packed.set(to + i, index.get(p.get(P_INDEX) + from + i));
            }
        }
    }

    /// Counts the blocks of one mask in each group: -1 if a row has no list, one that ends before it begins.
    ///
    /// @param p 0 base of `start`, which the numbers of a mask count from
    public static void count(KernelContext context, IntArray start, IntArray masks, IntArray kept, IntArray p) {
        int[] part = context.allocateIntLocalArray(GROUP);
        int[] least = context.allocateIntLocalArray(GROUP);
        int item = context.localIdx;
        int mask = context.groupIdx;
        int from = p.get(0) + masks.get(mask * MASK);
        int to = p.get(0) + masks.get(mask * MASK + 1);
        int rows = masks.get(mask * MASK + 2);
        int sum = 0;
        int shortest = 0;
        for (int r = item; r < rows; r += GROUP) {
            int count = start.get(to + r) - start.get(from + r);
            sum += count;
            shortest = TornadoMath.min(shortest, count);
        }
        part[item] = sum;
        least[item] = shortest;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (item < step) {
                part[item] = part[item] + part[item + step];
                least[item] = TornadoMath.min(least[item], least[item + step]);
            }
            context.localBarrier();
        }
        if (item == 0) {
            kept.set(mask, least[0] < 0 ? -1 : part[0]);
        }
    }

    /// How many tiles of 64 keys a list of blocks of `B` keys, a multiple of 64, names for the queries of one tile:
    /// those of the last block that lie behind the queries' own tile do not count.
    ///
    /// @param begin first place of the list in `index`; `end` is behind it
    static int tiles(IntArray index, int begin, int end, int tile, int B) {
        int each = B / Tiles.EDGE;
        int count = (end - begin) * each;
        if (each > 1 && count > 0) {
            int beyond = (index.get(end - 1) + 1) * each - 1 - tile;
            count = beyond > 0 ? count - beyond : count;
        }
        return count;
    }

    /// The `j`-th of these tiles.
    static int tile(IntArray index, int begin, int j, int B) {
        int each = B / Tiles.EDGE;
        return index.get(begin + j / each) * each + j % each;
    }

    /// Keys of a list of blocks of `B` keys, of which those of the last block that lie beyond `seen` do not count.
    ///
    /// @param begin first place of the list in `index`; `end` is behind it
    static int keys(IntArray index, int begin, int end, int seen, int B) {
        int keys = (end - begin) * B;
        if (keys > 0) {
            keys = TornadoMath.min(keys, keys - B + seen - index.get(end - 1) * B);
        }
        return keys;
    }

    /// The `i`-th of these keys.
    static int key(IntArray index, int begin, int i, int B) {
        return index.get(begin + i / B) * B + i % B;
    }
}
