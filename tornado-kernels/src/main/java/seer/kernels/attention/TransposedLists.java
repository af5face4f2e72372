package seer.kernels.attention;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The lists of attention transposed: which query blocks of which heads read a key block.
///
/// ## Shapes
/// | buffer   | shape        | type | direction | note                                                              |
/// |----------|--------------|------|-----------|-------------------------------------------------------------------|
/// | `start`, `index` |      | i32  | in        | key blocks of each row `h * N + query block`, ascending           |
/// | `counts` | `[G * N]`    | i32  | between   | length of each column's list; `count` writes it, `fill` reads it  |
/// | `places` | `[2, G * N]` | i32  | out       | where a column's list begins; where it ends                       |
/// | `rows`   | `[kept]`     | i32  | out       | rows of each column `g * N + key block`, ascending                |
///
/// | `p[...]`              | meaning                                                                     |
/// |-----------------------|-----------------------------------------------------------------------------|
/// | `P_BLOCKS`            | `N`, blocks of a head                                                       |
/// | `P_START`, `P_END`    | first elements of the beginnings and the ends in `start`                    |
/// | `P_INDEX`             | what is added to the values of `start`                                      |
/// | `P_COUNTS`, `P_PLACES`, `P_LISTS` | first elements of `counts`, `places` and `rows`                 |
///
/// ## Tile
///   item = column; it looks for its block in the list of every row that may hold it, by halves.
/// ## Formula
///   rows[places[c] ...] = all r of the group's heads with c's block in index[start[r] ... end[r])
/// ## Cost
///   G*N*(H/G)*N/2 searches, twice: little beside a gradient, which visits B^2*D numbers for each block that is found.
///   `fill` adds up the counts before its own, G*N of them at most.
/// ## Versions
///   `reference` plain loops over a map · `count`, then `fill`
public final class TransposedLists {

    public static final int P_BLOCKS = 0;
    public static final int P_START = 1;
    public static final int P_END = 2;
    public static final int P_INDEX = 3;
    public static final int P_COUNTS = 4;
    public static final int P_PLACES = 5;
    public static final int P_LISTS = 6;

    private TransposedLists() {
    }

    /// The oracle: beginnings `[G * N + 1]` and rows, one after the other, of `keep[H, N, N]`.
    public static int[] reference(boolean[] keep, int H, int G, int N) {
        var lists = new int[G * N + 1 + keep.length];
        int at = 0;
        for (int c = 0; c < G * N; c++) {
            for (int r = c / N * (H / G) * N; r < (c / N + 1) * (H / G) * N; r++) {
                if (keep[r * N + c % N]) {
                    lists[G * N + 1 + at++] = r;
                }
            }
            lists[c + 1] = at;
        }
        return java.util.Arrays.copyOf(lists, G * N + 1 + at);
    }

    /// One item for each column.
    public static void count(KernelContext context, IntArray start, IntArray index, IntArray counts, IntArray p, int H,
                             int G) {
        int c = context.globalIdx;
        int N = p.get(P_BLOCKS);
        if (c < G * N) {
            int found = 0;
            for (int head = c / N * (H / G); head < (c / N + 1) * (H / G); head++) {
                for (int r = head * N + c % N; r < (head + 1) * N; r++) {
                    found += holds(index, p.get(P_INDEX) + start.get(p.get(P_START) + r),
                            p.get(P_INDEX) + start.get(p.get(P_END) + r), c % N);
                }
            }
            counts.set(p.get(P_COUNTS) + c, found);
        }
    }

    /// One item for each column.
    public static void fill(KernelContext context, IntArray start, IntArray index, IntArray counts, IntArray places,
                            IntArray rows, IntArray p, int H, int G) {
        int c = context.globalIdx;
        int N = p.get(P_BLOCKS);
        if (c < G * N) {
            int at = 0;
            for (int before = 0; before < c; before++) {
                at += counts.get(p.get(P_COUNTS) + before);
            }
            places.set(p.get(P_PLACES) + c, at);
            for (int head = c / N * (H / G); head < (c / N + 1) * (H / G); head++) {
                for (int r = head * N + c % N; r < (head + 1) * N; r++) {
                    int found = holds(index, p.get(P_INDEX) + start.get(p.get(P_START) + r),
                            p.get(P_INDEX) + start.get(p.get(P_END) + r), c % N);
                    if (found == 1) {
                        rows.set(p.get(P_LISTS) + at, r);
                        at++;
                    }
                }
            }
            places.set(p.get(P_PLACES) + G * N + c, at);
        }
    }

    /// 1 if `index[from .. to)`, which ascends, holds `block`, else 0.
    static int holds(IntArray index, int from, int to, int block) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) / 2;
            if (index.get(middle) < block) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int found = 0;
        if (low < to) {
            found = index.get(low) == block ? 1 : 0;
        }
        return found;
    }
}
