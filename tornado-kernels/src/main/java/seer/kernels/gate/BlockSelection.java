package seer.kernels.gate;

/// From the vectors of queries and keys to lists of kept blocks: what the two rules, [TopSelection] and
/// [ThresholdSelection], have in common. Scores are computed where they are compared, and never stored for more rows
/// than are in flight.
///
/// ## Shapes
/// | buffer    | shape            | type | direction | note                                                        |
/// |-----------|------------------|------|-----------|-------------------------------------------------------------|
/// | `q`       | `[H, rows, E]`   | f32  | in        | projected and rotated                                       |
/// | `k`       | `[K, F N, E]`    | f32  | in        | head `h` reads `h / (H / K)`; `F` to a block, mostly 1      |
/// | `numbers` | `[1 + H]`        | f32  | in        | scale; the thresholds, if that is the rule                  |
/// | `scratch` | `[groups, 8, N]` | f32  | scratch   | scores of the rows in flight                                |
/// | `start`   | `[2, H * rows]`  | i32  | out       | where the list of a row begins; where it ends               |
/// | `index`   | `[H * room]`     | i32  | out       | key blocks, ascending, the diagonal last; gaps between rows |
///
/// | `p[...]`                          | meaning                                                                   |
/// |-----------------------------------|---------------------------------------------------------------------------|
/// | `P_HEADS`, `P_BLOCKS`             | `H`; blocks of the whole prompt                                           |
/// | `P_ROWS`, `P_FIRST_ROW`           | rows of the chunk; the first of them                                      |
/// | `P_WIDTH`, `P_Q`, `P_Q_STRIDE`    | `E`; base of `q`, elements between its heads                              |
/// | `P_K`, `P_K_STRIDE`, `P_SHARE`    | base of `k`, elements between its heads; `H / K`                          |
/// | `P_FOLD`, `P_LAST_KEY`            | `F`; the last of the vectors of `k`, which the last block may lack some of |
/// | `P_TOP`                           | `k` of the top blocks                                                     |
/// | `P_SIGMOID`                       | of a threshold: 1 if scores become probabilities by a sigmoid, 0 softmax  |
/// | `P_DENSE_LAST`, `P_KEEP_FIRST`    | dense last rows; 1 if block 0 is kept, else 0                             |
/// | `P_SCRATCH`, `P_SCRATCH_STRIDE`   | base of `scratch`, elements between its rows                              |
/// | `P_START`, `P_INDEX`              | bases of `start` and `index`                                              |
/// | `P_MOST`, `P_ROOM`                | most blocks of a row that is not dense; entries of a head in `index`      |
/// | `P_GROUPS`, `P_NUMBERS`           | groups; base of `numbers`                                                 |
///
/// ## Tile
/// ```text
///   group g takes 8 rows of one head, the longest first; then g + groups, ...                      256 items
///
///               256 keys at a time, in slices of 32 elements             then 32 items to a row
///             key 0      ..      127 | 128      ..      255
///           +-----------------------+-----------------------+            row 0  [ item 0 | 1 | 2 | .. | 31 ]
///   rows 0-3| item = one key of each half, four rows:       |                1  [ 32 | 33 | ..            ]
///   rows 4-7| 8 products for 6 reads                        |               ..    limit: trees of 5 steps
///           +-----------------------+-----------------------+                7    list:  stretches of a row
/// ```
/// ## Formula
///   s[h, i, j]    = scale * max over f < F of q[h, i] . k[h / (H / K), F j + f]
///   keep[h, i, j] = rule(s[h, i, all of 0 ... i], j), or forced: the diagonal, all causal blocks of the last
///   `denseLastRows` rows, and block 0 if asked for.
///
///   A row that depends on a score which is NaN or infinite gets no list: one that ends an entry before it begins.
///   How many blocks a row keeps at most is known beforehand, so each row has a place of its own ([#room]) and none
///   waits for the counts of the rows before.
/// ## Cost
///   F*H*N*N*E flops for the scores; some 15 passes over a row for the k-th largest, 2 for a threshold.
/// ## Versions
///   [TopSelection] and [ThresholdSelection], each with a reference. Much of them is the same, and stands in both since
///   local arrays do not go to helpers: regions between `-- twin: ... --` and `-- end of the twin --`, kept equal by a
///   test.
public final class BlockSelection {

    public static final int P_HEADS = 0;
    public static final int P_ROWS = 1;
    public static final int P_FIRST_ROW = 2;
    public static final int P_BLOCKS = 3;
    public static final int P_WIDTH = 4;
    public static final int P_Q = 5;
    public static final int P_Q_STRIDE = 6;
    public static final int P_K = 7;
    public static final int P_K_STRIDE = 8;
    public static final int P_SHARE = 9;
    public static final int P_TOP = 10;
    public static final int P_SIGMOID = 11;
    public static final int P_DENSE_LAST = 12;
    public static final int P_KEEP_FIRST = 13;
    public static final int P_SCRATCH = 14;
    public static final int P_SCRATCH_STRIDE = 15;
    public static final int P_START = 16;
    public static final int P_INDEX = 17;
    public static final int P_MOST = 18;
    public static final int P_ROOM = 19;
    public static final int P_GROUPS = 20;
    public static final int P_NUMBERS = 21;
    public static final int P_FOLD = 22;
    public static final int P_LAST_KEY = 23;
    /// Elements of `p`.
    public static final int P_SIZE = 24;

    /// Items of a group.
    public static final int ITEMS = 256;
    /// Rows of a group.
    public static final int ROWS = 8;
    /// Rows of a group where warps choose: those of two products of tensor cores.
    public static final int WARP_ROWS = 32;
    /// Items of such a group: as many as a multiprocessor has registers for, since they wait for memory most of the
    /// time and there is one group for each.
    public static final int WARP_ITEMS = 512;
    /// Items of a row.
    static final int LANES = 32;
    /// Keys in local memory at a time, and elements of each.
    static final int KEYS = 256;
    static final int SLICE = 32;
    /// Elements of the tile that an item loads.
    static final int LOADS = KEYS * SLICE / ITEMS;
    /// Keys of half a tile: an item takes one of each half.
    static final int HALF = 128;
    /// Longest row whose scores fit into the tile.
    static final int NEAR = 1024;
    /// Length of a key's slice in local memory: odd, so that neighbouring items meet different banks.
    static final int PITCH = 33;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * (KEYS * PITCH + SLICE * ROWS + 3 * ITEMS + ROWS);

    private BlockSelection() {
    }

    /// Marks what is kept whatever its score, in `keep[H, N, N]`.
    static void force(boolean[] keep, int N, int denseLastRows, boolean keepFirst) {
        for (int at = 0; at < keep.length; at++) {
            int i = at / N % N;
            int j = at % N;
            if (j <= i) {
                keep[at] |= j == i || i >= N - denseLastRows || j == 0 && keepFirst;
            }
        }
    }

    /// 1 if a causal block is kept whatever its score, else 0.
    ///
    /// @param open 0 if every causal block of the row is kept
    static int forced(int j, int row, int open, int keepFirst) {
        int forced = j == row ? 1 : 1 - open;
        return j == 0 ? forced + keepFirst : forced;
    }

    /// Entries that rows `first` to `row - 1` of a head can take at most, which is where the list of `row` begins.
    ///
    /// @param denseFrom from this row on every causal block is kept
    /// @param most      blocks of an earlier row at most
    public static int room(int first, int row, int denseFrom, int most) {
        int dense = denseFrom > first ? denseFrom : first;
        int open = row < dense ? row : dense;
        int room = causal(open, most) - causal(first, most);
        if (row > dense) {
            room += causal(row, row) - causal(dense, dense);
        }
        return room;
    }

    /// Causal blocks of the first `rows` rows, of each row at most so many.
    private static int causal(int rows, int most) {
        int growing = rows < most ? rows : most;
        return growing * (growing + 1) / 2 + (rows - growing) * most;
    }

    /// How long the stretches are in which the items of a row take its blocks: odd, so that neighbours meet different
    /// banks.
    static int stretch(int count) {
        return (count + LANES - 1) / LANES / 2 * 2 + 1;
    }
}
