package seer.kernels.attention;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
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
/// | `parts`  | `[most, 3]`  | i32  | out       | of `split`: column, or -1; begin and end of a part of its list    |
/// | `firsts` | `[G * N + 1]` | i32 | out       | of `split`: a column's first part; how many there are             |
///
/// | `p[...]`              | meaning                                                                     |
/// |-----------------------|-----------------------------------------------------------------------------|
/// | `P_BLOCKS`            | `N`, blocks of a head                                                       |
/// | `P_START`, `P_END`    | first elements of the beginnings and the ends in `start`                    |
/// | `P_INDEX`             | what is added to the values of `start`                                      |
/// | `P_COUNTS`, `P_PLACES`, `P_LISTS` | first elements of `counts`, `places` and `rows`                 |
/// | `P_PARTS`, `P_FIRSTS` | first elements of `parts` and `firsts`                                      |
/// | `P_LENGTH`, `P_MOST`  | rows of a part; parts that there is room for                                |
///
/// Some columns are listed by nearly every row, most by few: so that none of them keeps a device waiting, `split` cuts
/// lists into parts.
///
/// ## Tile
///   group = column, its items take rows in turns; an item looks for the block in its row's list, by halves. `fill`
///   goes 64 rows at a time: a sum over the items before gives each its place.
/// ## Formula
///   rows[places[c] ...] = all r of the group's heads with c's block in index[start[r] ... end[r])
/// ## Cost
///   H*N*N searches, twice: little beside a gradient, which visits B^2*D numbers for each block that is found.
///   `fill` adds up the counts before its own, G*N of them at most.
/// ## Versions
///   `reference` plain loops over a map · `count`, then `fill`, then `split`
public final class TransposedLists {

    public static final int P_BLOCKS = 0;
    public static final int P_START = 1;
    public static final int P_END = 2;
    public static final int P_INDEX = 3;
    public static final int P_COUNTS = 4;
    public static final int P_PLACES = 5;
    public static final int P_LISTS = 6;
    public static final int P_PARTS = 7;
    public static final int P_FIRSTS = 8;
    public static final int P_LENGTH = 9;
    public static final int P_MOST = 10;
    /// Numbers of a part.
    public static final int PART = 3;

    /// Items of a group.
    public static final int GROUP = 64;

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

    /// One group for each column.
    public static void count(KernelContext context, IntArray start, IntArray index, IntArray counts, IntArray p, int H,
                             int G) {
        int[] found = context.allocateIntLocalArray(GROUP);
        int item = context.localIdx;
        int c = context.groupIdx;
        int N = p.get(P_BLOCKS);
        int first = c / N * (H / G) * N;
        int sum = 0;
        for (int r = first + item; r < first + H / G * N; r += GROUP) {
            sum += holds(index, p.get(P_INDEX) + start.get(p.get(P_START) + r),
                    p.get(P_INDEX) + start.get(p.get(P_END) + r), c % N);
        }
        found[item] = sum;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (item < step) {
                found[item] = found[item] + found[item + step];
            }
            context.localBarrier();
        }
        if (item == 0) {
            counts.set(p.get(P_COUNTS) + c, found[0]);
        }
    }

    /// One group for each column.
    public static void fill(KernelContext context, IntArray start, IntArray index, IntArray counts, IntArray places,
                            IntArray rows, IntArray p, int H, int G) {
        int[] found = context.allocateIntLocalArray(GROUP);
        int item = context.localIdx;
        int c = context.groupIdx;
        int N = p.get(P_BLOCKS);
        // -- where the column begins --
        int sum = 0;
        for (int before = item; before < c; before += GROUP) {
            sum += counts.get(p.get(P_COUNTS) + before);
        }
        found[item] = sum;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (item < step) {
                found[item] = found[item] + found[item + step];
            }
            context.localBarrier();
        }
        int at = found[0];
        // -- its rows, in their order --
        int first = c / N * (H / G) * N;
        int begin = at;
        for (int from = 0; from < H / G * N; from += GROUP) {
            int r = first + from + item;
            int last = first + H / G * N - 1;
            int near = TornadoMath.min(r, last);
            int holds = holds(index, p.get(P_INDEX) + start.get(p.get(P_START) + near),
                    p.get(P_INDEX) + start.get(p.get(P_END) + near), c % N);
            int mine = r <= last ? holds : 0;
            context.localBarrier();
            found[item] = mine;
            context.localBarrier();
            for (int step = 1; step < GROUP; step = step * 2) {
                int more = item >= step ? found[TornadoMath.max(item - step, 0)] : 0;
                context.localBarrier();
                found[item] = found[item] + more;
                context.localBarrier();
            }
            if (mine == 1) {
                rows.set(p.get(P_LISTS) + at + found[item] - 1, r);
            }
            at += found[GROUP - 1];
        }
        if (item == 0) {
            places.set(p.get(P_PLACES) + c, begin);
            places.set(p.get(P_PLACES) + G * N + c, at);
        }
    }

    /// Parts that lists of `kept` rows in all become at most.
    public static int most(int columns, int kept, int length) {
        return columns + kept / length;
    }

    /// One group for each column. `parts` has room for [#most]; the rest of it is -1.
    public static void split(KernelContext context, IntArray places, IntArray parts, IntArray firsts, IntArray p, int H,
                             int G) {
        int[] found = context.allocateIntLocalArray(GROUP);
        int item = context.localIdx;
        int c = context.groupIdx;
        int columns = G * p.get(P_BLOCKS);
        int length = p.get(P_LENGTH);
        int begins = p.get(P_PLACES);
        int sum = 0;
        for (int before = item; before < c; before += GROUP) {
            sum += (places.get(begins + columns + before) - places.get(begins + before) + length - 1) / length;
        }
        found[item] = sum;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (item < step) {
                found[item] = found[item] + found[item + step];
            }
            context.localBarrier();
        }
        int first = found[0];
        int begin = places.get(begins + c);
        int end = places.get(begins + columns + c);
        int mine = (end - begin + length - 1) / length;
        for (int i = item; i < mine; i += GROUP) {
            int at = p.get(P_PARTS) + (first + i) * PART;
            parts.set(at, c);
            parts.set(at + 1, begin + i * length);
            parts.set(at + 2, TornadoMath.min(begin + (i + 1) * length, end));
        }
        if (item == 0) {
            firsts.set(p.get(P_FIRSTS) + c, first);
        }
        if (c == columns - 1) {
            for (int i = first + mine + item; i < p.get(P_MOST); i += GROUP) {
                parts.set(p.get(P_PARTS) + i * PART, -1);
            }
            if (item == 0) {
                firsts.set(p.get(P_FIRSTS) + columns, first + mine);
            }
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
