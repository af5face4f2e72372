package seer.kernels;

/// From the vectors of queries and keys to lists of kept blocks: scores are computed where they are compared, and never
/// stored for more rows than are in flight.
///
/// ## Shapes
/// | buffer    | shape            | type | direction | note                                                        |
/// |-----------|------------------|------|-----------|-------------------------------------------------------------|
/// | `q`       | `[H, rows, E]`   | f32  | in        | projected and rotated                                       |
/// | `k`       | `[K, N, E]`      | f32  | in        | head `h` reads `h / (H / K)`                                |
/// | `numbers` | `[1 + H]`        | f32  | in        | scale; the thresholds, if that is the rule                  |
/// | `scratch` | `[groups, 8, N]` | f32  | scratch   | scores of the rows in flight                                |
/// | `lists`   |                  | i32  | out       | places in one buffer:                                       |
/// | - `start` | `[2, H * rows]`  |      |           | where the list of a row begins; where it ends               |
/// | - `index` | `[H * room]`     |      |           | key blocks, ascending, the diagonal last; gaps between rows |
///
/// | `p[...]` | meaning                                                                                            |
/// |----------|----------------------------------------------------------------------------------------------------|
/// | 0 to 3   | heads, rows, first row, blocks of the whole prompt                                                 |
/// | 4 to 6   | `E`, base of `q`, elements between its heads                                                       |
/// | 7 to 9   | base of `k`, elements between its heads, `H / K`                                                   |
/// | 10       | `k` of the top blocks; for a threshold 1 if the activation is a sigmoid, not a softmax             |
/// | 11, 12   | dense last rows; 1 if block 0 is kept, else 0                                                      |
/// | 13, 14   | base of `scratch`, elements between its rows                                                       |
/// | 15 to 18 | base of `start`; of `index`; most blocks of a row that is not dense; entries of a head in `index`  |
/// | 19, 20   | groups; base of `numbers`                                                                          |
///
/// ## Tile
/// ```text
///   group g takes 8 rows of one head, the longest first; then g + groups, ...                      256 items
///     scores: 256 keys x 32 elements in local memory; item = two keys, four rows: 8 products for 6 reads
///     limit (largest, sum, or k-th largest): 32 items to a row, results joined by trees, all 8 rows at once
///     lists:  item = a stretch of its row: count, sum of the counts before, write
/// ```
/// ## Formula
///   top: the min(k, i + 1) largest of row i, ties to the lower index; threshold: probability > t, strictly.
///   Then the diagonal, all causal blocks of the last `denseLastRows` rows, and block 0 if asked for.
///
///   A row that depends on a score which is NaN or infinite gets no list: one that ends an entry before it begins.
///   How many blocks a row keeps at most is known beforehand, so each row has a place of its own ([#room]) and none
///   waits for the counts of the rows before.
/// ## Cost
///   H*N*N*E flops for the scores; some 15 passes over a row for the k-th largest, 2 for a threshold.
/// ## Versions
///   `top`, `above` plain loops over given scores, the oracles · [TopSelection#list], [ThresholdSelection#list] eight
///   rows to a group
public final class BlockSelection {
    /// Items of a group.
    public static final int ITEMS = 256;
    /// Rows of a group.
    public static final int ROWS = 8;
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

    /// The oracle of top blocks: a block is kept if fewer than `k` causal blocks of its row come before it.
    public static boolean[] top(float[] score, int H, int N, int k, int denseLastRows, boolean keepFirst) {
        var keep = new boolean[H * N * N];
        for (int row = 0; row < H * N; row++) {
            int i = row % N;
            for (int j = 0; j <= i; j++) {
                int before = 0;
                for (int other = 0; other <= i; other++) {
                    float difference = score[row * N + other] - score[row * N + j];
                    before += difference > 0 || difference == 0 && other < j ? 1 : 0;
                }
                keep[row * N + j] = before < k || forced(i, j, N, denseLastRows, keepFirst);
            }
        }
        return keep;
    }

    /// The oracle of the threshold.
    ///
    /// @param threshold of each head
    public static boolean[] above(float[] probability, int H, int N, float[] threshold, int denseLastRows,
                                  boolean keepFirst) {
        var keep = new boolean[H * N * N];
        for (int row = 0; row < H * N; row++) {
            int i = row % N;
            for (int j = 0; j <= i; j++) {
                keep[row * N + j] = probability[row * N + j] > threshold[row / N]
                        || forced(i, j, N, denseLastRows, keepFirst);
            }
        }
        return keep;
    }

    private static boolean forced(int i, int j, int N, int denseLastRows, boolean keepFirst) {
        return j == i || i >= N - denseLastRows || j == 0 && keepFirst;
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
}
