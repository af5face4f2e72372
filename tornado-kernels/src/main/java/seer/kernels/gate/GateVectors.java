package seer.kernels.gate;

import seer.kernels.layer.Rope;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// From raw queries and keys to the vectors that are scored: pooling, map and rotation of both in one launch.
///
/// ## Shapes
/// | buffer    | shape           | type | direction | note                                                          |
/// |-----------|-----------------|------|-----------|---------------------------------------------------------------|
/// | `raw`     | `[G, T, D]`     | f32  | in        | a place for the keys and one for the queries, before rotation |
/// | `weights` | `[H, I, E]`     | f32  | in        | `I` = poolings * `D`; without weights `E` is `I`              |
/// | `turns`, `rest` |           |      | in        | see [seer.kernels.layer.Rope]                                 |
/// | `y`       | `[H, N, E]`     | f32  | out       | block `i` stands at position `first + i * B`                  |
///
/// | `p[...]`                              | meaning                                                              |
/// |---------------------------------------|----------------------------------------------------------------------|
/// | `P_TOKENS`, `P_D`, `P_BLOCK`          | `T`; `D`; `B`                                                        |
/// | `P_FIRST`                             | position of the first block                                          |
/// | `P_HALF`, `P_TURNS`, `P_REST`         | half the rotary width; bases of `turns` and `rest`                   |
/// | `P_KEYS + ...`, `P_QUERIES + ...`     | the numbers of a side:                                               |
/// | - `SIDE_HEADS`, `SIDE_SHARE`          | `G`; `H / G`                                                         |
/// | - `SIDE_RAW`, `SIDE_RAW_STRIDE`       | base of `raw`, elements between its heads                            |
/// | - `SIDE_POOLINGS`                     | poolings                                                             |
/// | - `SIDE_MAX`, `SIDE_MIN`, `SIDE_AVERAGE` | their places among the poolings, or -1                            |
/// | - `SIDE_WEIGHTS`, `SIDE_WIDTH`        | base of `weights`, negative: none; `E`                               |
/// | - `SIDE_Y`, `SIDE_Y_STRIDE`           | base of `y`, elements between its heads                              |
///
/// ## Tile
/// ```text
///   group = 4 blocks of one raw head: keys first, then queries          256 items
///
///     raw [4 B, D]  -pool->  pooled [I, 4]  -map->  partial [4 quarters, 4, 64]  -join->  mapped [4, E]  -rotate->  y
///       item = one element      item = one column, a quarter of        item = one column      item = one pair
///       of one block            its inputs, all 4 blocks: a weight     of one block           of one block
///                               is read once for 4 products
/// ```
/// | local memory | floats       | holds                                                            |
/// |--------------|--------------|------------------------------------------------------------------|
/// | `pooled`     | 768 * 4      | pooled vectors of 4 blocks, input by input                       |
/// | `partial`    | 4 * 4 * 64   | 64 columns of the map, a quarter of the inputs each              |
/// | `mapped`     | 4 * 256      | vectors before rotation                                          |
///
/// ## Formula
///   y[h, i] = rope(pool(raw[h / (H / G)], block i) * w[h], first + i * B)
/// ## Cost
///   reads queries and keys once, 2*G*T*D floats: memory-bound; 2*H*N*I*E flops. The steps between stay on chip, in
///   20 KB of local memory. For 512 blocks of 8 heads on an H200 0.065 ms at `D = 64`, 0.129 ms at 128.
/// ## Versions
///   `reference` the parts one by one: [BlockPooling], [GateProjection], [seer.kernels.layer.Rope] · `fused` ·
///   [TileGateVectors] for queries and keys in tiles of bf16, its twin behind pooling
public final class GateVectors {
    /// Items of a group.
    public static final int ITEMS = 256;
    /// Blocks of a group.
    public static final int BLOCKS = 4;
    /// Widest pooled vector, and widest result.
    public static final int MOST_INPUTS = 768;
    public static final int MOST_WIDTH = 256;

    public static final int P_TOKENS = 24;
    public static final int P_D = 25;
    public static final int P_BLOCK = 26;
    public static final int P_FIRST = 27;
    public static final int P_HALF = 28;
    public static final int P_TURNS = 29;
    public static final int P_REST = 30;
    /// Where the numbers of the keys begin, and those of the queries.
    public static final int P_KEYS = 32;
    public static final int P_QUERIES = 44;
    /// Elements of `p`; those in front are [BlockSelection]'s.
    public static final int P_SIZE = 56;

    public static final int SIDE_HEADS = 0;
    public static final int SIDE_SHARE = 1;
    public static final int SIDE_RAW = 2;
    public static final int SIDE_RAW_STRIDE = 3;
    public static final int SIDE_POOLINGS = 4;
    public static final int SIDE_MAX = 5;
    public static final int SIDE_MIN = 6;
    public static final int SIDE_AVERAGE = 7;
    public static final int SIDE_WEIGHTS = 8;
    public static final int SIDE_WIDTH = 9;
    public static final int SIDE_Y = 10;
    public static final int SIDE_Y_STRIDE = 11;

    /// Columns that pass at once, and parts of their inputs: together the items of a group.
    private static final int COLUMNS = 64;
    private static final int PARTS = 4;
    /// Weights that are on their way at once.
    static final int AHEAD = 16;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * (MOST_INPUTS * BLOCKS + PARTS * BLOCKS * COLUMNS + BLOCKS * MOST_WIDTH);

    private GateVectors() {
    }

    /// The oracle of one side: the references of the parts, with 32-bit floats between them as a backend has them.
    ///
    /// @param raw     `[G, T, D]`
    /// @param weights `[H, I, E]`, null: none, and `H` is `G`
    /// @param E       columns of the result
    public static double[] reference(float[] raw, float[] weights, int H, int G, int T, int D, int E, int B,
                                     boolean max, boolean min, boolean average, double[] inverseFrequency,
                                     double scale, int first) {
        int N = (T + B - 1) / B;
        double[] y = BlockPooling.reference(raw, G, T, D, B, max, min, average);
        if (weights != null) {
            y = GateProjection.reference(floats(y), weights, H, G, N, y.length / (G * N), E);
        }
        int R = 2 * inverseFrequency.length;
        var front = new float[H * N * R];
        for (int at = 0; at < front.length; at++) {
            front[at] = (float) y[at / R * E + at % R];
        }
        double[] rotated = Rope.reference(front, H, N, R, inverseFrequency, scale, first, B);
        for (int at = 0; at < rotated.length; at++) {
            y[at / R * E + at % R] = rotated[at];
        }
        return y;
    }

    private static float[] floats(double[] values) {
        var rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (float) values[i];
        }
        return rounded;
    }

    /// Grid `[ceil(blocks / 4), raw key heads + raw query heads]`, groups of 256 items.
    public static void fused(KernelContext context, FloatArray raw, FloatArray weights, IntArray turns,
                             FloatArray rest, FloatArray y, IntArray p) {
        float[] eight = new float[8];
        // -- twin: the side of a group --
        float[] pooled = context.allocateFloatLocalArray(MOST_INPUTS * BLOCKS);
        float[] partial = context.allocateFloatLocalArray(PARTS * BLOCKS * COLUMNS);
        float[] mapped = context.allocateFloatLocalArray(BLOCKS * MOST_WIDTH);
        float[] ahead = new float[AHEAD];
        float[] sums = new float[BLOCKS];
        int lane = context.localIdx;
        int group = context.groupIdy;
        int side = P_KEYS;
        if (group >= p.get(P_KEYS + SIDE_HEADS)) {
            group -= p.get(P_KEYS + SIDE_HEADS);
            side = P_QUERIES;
        }
        int tokens = p.get(P_TOKENS);
        int block = p.get(P_BLOCK);
        int blocks = (tokens + block - 1) / block;
        int first = context.groupIdx * BLOCKS;
        int depth = p.get(P_D);
        // -- end of the twin --
        // -- pool --
        for (int unit = lane; unit < BLOCKS * depth; unit += ITEMS) {
            int b = unit / depth;
            int d = unit % depth;
            float highest = 0;
            float lowest = 0;
            float sum = 0;
            int count = TornadoMath.min(block, tokens - (first + b) * block);
            if (count > 0) {
                int from = p.get(side + SIDE_RAW) + group * p.get(side + SIDE_RAW_STRIDE)
                        + (first + b) * block * depth + d;
                highest = raw.get(from);
                lowest = highest;
                int whole = count / 8 * 8;
                for (int t = 0; t < whole; t += 8) { // eight are on their way before the first is looked at
                    for (int i = 0; i < 8; i++) {
                        eight[i] = raw.get(from + (t + i) * depth);
                    }
                    for (int i = 0; i < 8; i++) {
                        highest = TornadoMath.max(highest, eight[i]);
                        lowest = TornadoMath.min(lowest, eight[i]);
                        sum = sum + eight[i];
                    }
                }
                for (int t = whole; t < count; t++) {
                    float value = raw.get(from + t * depth);
                    highest = TornadoMath.max(highest, value);
                    lowest = TornadoMath.min(lowest, value);
                    sum = sum + value;
                }
                sum = sum / count;
            }
            if (p.get(side + SIDE_MAX) >= 0) {
                pooled[(p.get(side + SIDE_MAX) * depth + d) * BLOCKS + b] = highest;
            }
            if (p.get(side + SIDE_MIN) >= 0) {
                pooled[(p.get(side + SIDE_MIN) * depth + d) * BLOCKS + b] = lowest;
            }
            if (p.get(side + SIDE_AVERAGE) >= 0) {
                pooled[(p.get(side + SIDE_AVERAGE) * depth + d) * BLOCKS + b] = sum;
            }
        }
        // -- twin: map and rotation --
        context.localBarrier();
        int inputs = p.get(side + SIDE_POOLINGS) * depth;
        int width = p.get(side + SIDE_WIDTH);
        int half = p.get(P_HALF);
        int units = width - half;
        for (int s = 0; s < p.get(side + SIDE_SHARE); s++) {
            int head = group * p.get(side + SIDE_SHARE) + s;
            // -- map --
            if (p.get(side + SIDE_WEIGHTS) >= 0) {
                for (int c = 0; c < width; c += COLUMNS) {
                    int e = c + lane % COLUMNS;
                    int part = lane / COLUMNS;
                    for (int b = 0; b < BLOCKS; b++) {
                        sums[b] = 0;
                    }
                    if (e < width) {
                        int column = p.get(side + SIDE_WEIGHTS) + head * inputs * width + e;
                        int stretch = (inputs + PARTS - 1) / PARTS;
                        int begin = part * stretch;
                        int end = TornadoMath.min(begin + stretch, inputs);
                        int whole = begin + TornadoMath.max(end - begin, 0) / AHEAD * AHEAD;
                        for (int at = begin; at < whole; at += AHEAD) {
                            for (int i = 0; i < AHEAD; i++) {
                                ahead[i] = weights.get(column + (at + i) * width);
                            }
                            for (int i = 0; i < AHEAD; i++) {
                                for (int b = 0; b < BLOCKS; b++) {
                                    sums[b] += pooled[(at + i) * BLOCKS + b] * ahead[i];
                                }
                            }
                        }
                        for (int at = whole; at < end; at++) {
                            float weight = weights.get(column + at * width);
                            for (int b = 0; b < BLOCKS; b++) {
                                sums[b] += pooled[at * BLOCKS + b] * weight;
                            }
                        }
                    }
                    for (int b = 0; b < BLOCKS; b++) {
                        partial[(part * BLOCKS + b) * COLUMNS + lane % COLUMNS] = sums[b];
                    }
                    context.localBarrier();
                    // -- parts together: item = one column of one block --
                    if (e < width) {
                        float sum = 0;
                        for (int i = 0; i < PARTS; i++) {
                            sum += partial[i * BLOCKS * COLUMNS + lane];
                        }
                        mapped[part * MOST_WIDTH + e] = sum;
                    }
                    context.localBarrier();
                }
            } else {
                for (int unit = lane; unit < BLOCKS * width; unit += ITEMS) {
                    mapped[unit / width * MOST_WIDTH + unit % width] = pooled[unit % width * BLOCKS + unit / width];
                }
                context.localBarrier();
            }
            // -- rotate --
            for (int unit = lane; unit < BLOCKS * units; unit += ITEMS) {
                int from = unit / units * MOST_WIDTH;
                int i = unit % units;
                int n = first + unit / units;
                if (n < blocks) {
                    int to = p.get(side + SIDE_Y) + head * p.get(side + SIDE_Y_STRIDE) + n * width;
                    if (i < half) {
                        Rope.write(y, to, i, half, mapped[from + i], mapped[from + half + i],
                                p.get(P_FIRST) + n * block, turns, p.get(P_TURNS), rest, p.get(P_REST));
                    } else {
                        y.set(to + half + i, mapped[from + half + i]);
                    }
                }
            }
        }
        // -- end of the twin --
    }
}
