package seer.kernels.attention;

import seer.kernels.Tiles;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Lists for attention to walk: compressed sparse rows of every causal block. Those of a gate are
/// [seer.kernels.gate.BlockSelection]'s.
///
/// ## Shapes
/// | buffer  | shape             | type | direction | note                                                     |
/// |---------|-------------------|------|-----------|----------------------------------------------------------|
/// | `start` | `[H * rows + 1]`  | i32  | out       | where a list begins and the one before ends              |
/// | `index` | `[kept]`          | i32  | out       | ascending within a row; the diagonal last                |
///
/// ## Tile
///   item = row
/// ## Formula
///   start[r + 1] = start[r] + kept blocks of row r;  index[start[r] ...] = those blocks
/// ## Cost
///   one write per block.
/// ## Versions
///   `reference` plain loops, of any map · `dense` of every causal block
public final class BlockLists {
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

    /// Lists every causal block; `start` and `index` are places in one buffer. One item for each row of each head.
    ///
    /// @param p 0 rows of all heads, 1 base of `start`, 2 rows of a head, 3 first row, 4 base of `index`
    public static void dense(KernelContext context, IntArray lists, IntArray p) {
        int r = context.globalIdx;
        if (r < p.get(0)) {
            int rows = p.get(2);
            int first = p.get(3);
            int head = r / rows;
            int row = r % rows;
            int before = head * (rows * first + rows * (rows + 1) / 2) + row * first + row * (row + 1) / 2;
            int count = first + row + 1;
            for (int j = 0; j < count; j++) {
                lists.set(p.get(4) + before + j, j);
            }
            lists.set(p.get(1) + r + 1, before + count);
            if (r == 0) {
                lists.set(p.get(1), 0);
            }
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
}
