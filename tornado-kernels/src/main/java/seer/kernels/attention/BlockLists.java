package seer.kernels.attention;

import uk.ac.manchester.tornado.api.KernelContext;
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
/// | `p[...]`                 | meaning                                                              |
/// |--------------------------|----------------------------------------------------------------------|
/// | `P_LISTS`                | rows of all heads; each has a list                                   |
/// | `P_START`, `P_END`       | where in `start` beginnings stand, and where ends                    |
/// | `P_INDEX`                | base of `index`                                                      |
/// | `P_PLACES`, `P_PACKED`   | of `pack`: bases of `places`, the wanted beginnings, and of `packed` |
/// | `P_ROWS`, `P_FIRST_ROW`  | of `dense`: rows of a head, and the first of them                    |
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

    public static final int P_LISTS = 0;
    public static final int P_START = 1;
    public static final int P_END = 2;
    public static final int P_INDEX = 3;
    public static final int P_PLACES = 4;
    public static final int P_PACKED = 5;
    public static final int P_ROWS = 6;
    public static final int P_FIRST_ROW = 7;

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

    /// Lists every causal block; ends are the beginnings that follow. One item for each row of each head.
    public static void dense(KernelContext context, IntArray start, IntArray index, IntArray p) {
        int r = context.globalIdx;
        if (r < p.get(P_LISTS)) {
            int rows = p.get(P_ROWS);
            int first = p.get(P_FIRST_ROW);
            int head = r / rows;
            int row = r % rows;
            int before = head * (rows * first + rows * (rows + 1) / 2) + row * first + row * (row + 1) / 2;
            int count = first + row + 1;
            for (int j = 0; j < count; j++) {
                index.set(p.get(P_INDEX) + before + j, j);
            }
            start.set(p.get(P_START) + r + 1, before + count);
            if (r == 0) {
                start.set(p.get(P_START), 0);
            }
        }
    }

    /// Puts the lists of rows one behind the other. One item for each row of each head.
    public static void pack(KernelContext context, IntArray start, IntArray index, IntArray places, IntArray packed,
                            IntArray p) {
        int r = context.globalIdx;
        if (r < p.get(P_LISTS)) {
            int from = start.get(p.get(P_START) + r);
            int count = start.get(p.get(P_END) + r) - from;
            int to = p.get(P_PACKED) + places.get(p.get(P_PLACES) + r);
            for (int i = 0; i < count; i++) {
                packed.set(to + i, index.get(p.get(P_INDEX) + from + i));
            }
        }
    }

    /// Counts the blocks of one mask in each group. The numbers of a mask count from `P_START`.
    public static void count(KernelContext context, IntArray start, IntArray masks, IntArray kept, IntArray p) {
        int[] part = context.allocateIntLocalArray(GROUP);
        int item = context.localIdx;
        int mask = context.groupIdx;
        int from = p.get(P_START) + masks.get(mask * MASK);
        int to = p.get(P_START) + masks.get(mask * MASK + 1);
        int rows = masks.get(mask * MASK + 2);
        int sum = 0;
        for (int r = item; r < rows; r += GROUP) {
            sum += start.get(to + r) - start.get(from + r);
        }
        part[item] = sum;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (item < step) {
                part[item] = part[item] + part[item + step];
            }
            context.localBarrier();
        }
        if (item == 0) {
            kept.set(mask, part[0]);
        }
    }
}
