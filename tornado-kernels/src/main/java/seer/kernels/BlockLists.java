package seer.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The lists that attention walks: compressed sparse rows made of marks, or of every causal block.
///
/// ## Shapes
/// | buffer  | shape             | type | direction | note                                                |
/// |---------|-------------------|------|-----------|-----------------------------------------------------|
/// | `marks` | `[H, rows, N/16]` | i32  | in        | see [BlockSelection]                                |
/// | `start` | `[H * rows + 1]`  | i32  | in, out   | blocks of row `r` at `r + 1`; then sums before `r`  |
/// | `index` | `[kept]`          | i32  | out       | ascending within a row; the diagonal last           |
///
/// ## Tile
/// ```text
///   offsets: one group; item i sums up its stretch of rows, item 0 the stretches, item i spreads the sum
///   fill, dense: item = row
/// ```
/// ## Formula
///   start[r + 1] = start[r] + kept blocks of row r;  index[start[r] ...] = those blocks
/// ## Cost
///   two passes over the counts, one over the marks, one write per kept block.
/// ## Versions
///   `reference` plain loops · `offsets`, then `fill` · `dense` both for every causal block
public final class BlockLists {
    /// Items of the one group of [#offsets].
    public static final int GROUP = 256;

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

    /// Sums up: counts become offsets. One group of [#GROUP] items.
    ///
    /// @param p 0 rows of all heads, 1 base of `start`
    public static void offsets(KernelContext context, IntArray start, IntArray p) {
        int[] sums = context.allocateIntLocalArray(GROUP);
        int lane = context.localIdx;
        int rows = p.get(0);
        int base = p.get(1);
        int stretch = (rows + GROUP - 1) / GROUP;
        // -- sum of a stretch --
        int sum = 0;
        for (int i = 0; i < stretch; i++) {
            int r = lane * stretch + i;
            if (r < rows) {
                sum += start.get(base + 1 + r);
            }
        }
        sums[lane] = sum;
        context.localBarrier();
        // -- sums before the stretches --
        if (lane == 0) {
            int before = 0;
            for (int i = 0; i < GROUP; i++) {
                int own = sums[i];
                sums[i] = before;
                before += own;
            }
            start.set(base, 0);
        }
        context.localBarrier();
        // -- spread --
        int running = sums[lane];
        for (int i = 0; i < stretch; i++) {
            int r = lane * stretch + i;
            if (r < rows) {
                running += start.get(base + 1 + r);
                start.set(base + 1 + r, running);
            }
        }
    }

    /// Writes the lists. One item for each of `p[0]` rows.
    ///
    /// @param p 0 rows of all heads, 1 base of `start`, 2 base of `marks`, 3 integers of a row, 4 base of `index`
    public static void fill(KernelContext context, IntArray marks, IntArray start, IntArray index, IntArray p) {
        int r = context.globalIdx;
        if (r < p.get(0)) {
            int at = p.get(4) + start.get(p.get(1) + r);
            for (int w = 0; w < p.get(3); w++) {
                int word = marks.get(p.get(2) + r * p.get(3) + w);
                int j = w * BlockSelection.BITS;
                while (word > 0) {
                    if (word % 2 == 1) {
                        index.set(at, j);
                        at++;
                    }
                    word = word / 2;
                    j++;
                }
            }
        }
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
}
