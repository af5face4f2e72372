package seer.kernels.gate;

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
/// | `p[...]`            | meaning                                                                                |
/// |---------------------|----------------------------------------------------------------------------------------|
/// | `P_TOKENS`, `P_D`, `P_BLOCK` | `T`; `D`; `B`                                                                 |
/// | `P_FIRST`           | position of the first block                                                            |
/// | `P_HALF`, `P_TURNS`, `P_REST` | half the rotary width; bases of `turns` and `rest`                           |
/// | `P_SIDES`           | twelve numbers of the keys, and from `P_SIDES + SIDE` on twelve of the queries:        |
/// | - 0, 1              | `G`; `H / G`                                                                           |
/// | - 2, 3              | base of `raw`, elements between its heads                                              |
/// | - 4, 5, 6, 7        | poolings; place of the maximum among them or -1, of the minimum, of the average        |
/// | - 8, 9              | base of `weights`, negative: none; `E`                                                 |
/// | - 10, 11            | base of `y`, elements between its heads                                                |
///
/// ## Tile
/// ```text
///   group = 4 blocks of one raw head: keys first, then queries          256 items
///     pool:   item = one element of one block                           pooled[I, 4]
///     map:    item = one column, a quarter of its inputs, all 4 blocks: a weight is read once for 4 products
///     rotate: item = one pair of one block                              mapped[4, E]
/// ```
/// ## Formula
///   y[h, i] = rope(pool(raw[h / (H / G)], block i) * w[h], first + i * B)
/// ## Cost
///   reads queries and keys once, 2*G*T*D floats: memory-bound; 2*H*N*I*E flops. The steps between stay on chip.
/// ## Versions
///   `reference` of the parts: [BlockPooling], [GateProjection], [seer.kernels.layer.Rope] · `fused`
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
    public static final int P_SIDES = 32;
    /// Numbers of a side.
    public static final int SIDE = 12;
    /// Elements of `p`; those in front are [BlockSelection]'s.
    public static final int P_SIZE = 56;

    /// Columns that pass at once, and parts of their inputs: together the items of a group.
    private static final int COLUMNS = 64;
    private static final int PARTS = 4;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * (MOST_INPUTS * BLOCKS + PARTS * BLOCKS * COLUMNS + BLOCKS * MOST_WIDTH);

    private GateVectors() {
    }

    /// Grid `[ceil(blocks / 4), raw key heads + raw query heads]`, groups of 256 items.
    public static void fused(KernelContext context, FloatArray raw, FloatArray weights, IntArray turns,
                             FloatArray rest, FloatArray y, IntArray p) {
        float[] pooled = context.allocateFloatLocalArray(MOST_INPUTS * BLOCKS);
        float[] partial = context.allocateFloatLocalArray(PARTS * BLOCKS * COLUMNS);
        float[] mapped = context.allocateFloatLocalArray(BLOCKS * MOST_WIDTH);
        int lane = context.localIdx;
        int group = context.groupIdy;
        int side = P_SIDES;
        if (group >= p.get(P_SIDES)) {
            group -= p.get(P_SIDES);
            side += SIDE;
        }
        int tokens = p.get(P_TOKENS);
        int block = p.get(P_BLOCK);
        int blocks = (tokens + block - 1) / block;
        int first = context.groupIdx * BLOCKS;
        int depth = p.get(P_D);
        // -- pool --
        for (int unit = lane; unit < BLOCKS * depth; unit += ITEMS) {
            int b = unit / depth;
            int d = unit % depth;
            float highest = 0;
            float lowest = 0;
            float sum = 0;
            int count = TornadoMath.min(block, tokens - (first + b) * block);
            if (count > 0) {
                int from = p.get(side + 2) + group * p.get(side + 3) + (first + b) * block * depth + d;
                highest = raw.get(from);
                lowest = highest;
                int whole = count / 8 * 8;
                for (int t = 0; t < whole; t += 8) {
                    int at = from + t * depth;
                    float v0 = raw.get(at);
                    float v1 = raw.get(at + depth);
                    float v2 = raw.get(at + 2 * depth);
                    float v3 = raw.get(at + 3 * depth);
                    float v4 = raw.get(at + 4 * depth);
                    float v5 = raw.get(at + 5 * depth);
                    float v6 = raw.get(at + 6 * depth);
                    float v7 = raw.get(at + 7 * depth);
                    float most = TornadoMath.max(TornadoMath.max(v0, v1), TornadoMath.max(v2, v3));
                    most = TornadoMath.max(most, TornadoMath.max(TornadoMath.max(v4, v5), TornadoMath.max(v6, v7)));
                    highest = TornadoMath.max(highest, most);
                    float least = TornadoMath.min(TornadoMath.min(v0, v1), TornadoMath.min(v2, v3));
                    least = TornadoMath.min(least, TornadoMath.min(TornadoMath.min(v4, v5), TornadoMath.min(v6, v7)));
                    lowest = TornadoMath.min(lowest, least);
                    sum = sum + v0;
                    sum = sum + v1;
                    sum = sum + v2;
                    sum = sum + v3;
                    sum = sum + v4;
                    sum = sum + v5;
                    sum = sum + v6;
                    sum = sum + v7;
                }
                for (int t = whole; t < count; t++) {
                    float value = raw.get(from + t * depth);
                    highest = TornadoMath.max(highest, value);
                    lowest = TornadoMath.min(lowest, value);
                    sum = sum + value;
                }
                sum = sum / count;
            }
            if (p.get(side + 5) >= 0) {
                pooled[(p.get(side + 5) * depth + d) * BLOCKS + b] = highest;
            }
            if (p.get(side + 6) >= 0) {
                pooled[(p.get(side + 6) * depth + d) * BLOCKS + b] = lowest;
            }
            if (p.get(side + 7) >= 0) {
                pooled[(p.get(side + 7) * depth + d) * BLOCKS + b] = sum;
            }
        }
        context.localBarrier();
        int inputs = p.get(side + 4) * depth;
        int width = p.get(side + 9);
        int half = p.get(P_HALF);
        int units = width - half;
        for (int s = 0; s < p.get(side + 1); s++) {
            int head = group * p.get(side + 1) + s;
            // -- map --
            if (p.get(side + 8) >= 0) {
                for (int c = 0; c < width; c += COLUMNS) {
                    int e = c + lane % COLUMNS;
                    int part = lane / COLUMNS;
                    float s0 = 0;
                    float s1 = 0;
                    float s2 = 0;
                    float s3 = 0;
                    if (e < width) {
                        int column = p.get(side + 8) + head * inputs * width + e;
                        int stretch = (inputs + PARTS - 1) / PARTS;
                        int i = part * stretch;
                        int end = TornadoMath.min(i + stretch, inputs);
                        int fours = i + TornadoMath.max(end - i, 0) / 4 * 4;
                        for (int at = i; at < fours; at += 4) {
                            float w0 = weights.get(column + at * width);
                            float w1 = weights.get(column + (at + 1) * width);
                            float w2 = weights.get(column + (at + 2) * width);
                            float w3 = weights.get(column + (at + 3) * width);
                            s0 += pooled[at * BLOCKS] * w0;
                            s1 += pooled[at * BLOCKS + 1] * w0;
                            s2 += pooled[at * BLOCKS + 2] * w0;
                            s3 += pooled[at * BLOCKS + 3] * w0;
                            s0 += pooled[at * BLOCKS + 4] * w1;
                            s1 += pooled[at * BLOCKS + 5] * w1;
                            s2 += pooled[at * BLOCKS + 6] * w1;
                            s3 += pooled[at * BLOCKS + 7] * w1;
                            s0 += pooled[at * BLOCKS + 8] * w2;
                            s1 += pooled[at * BLOCKS + 9] * w2;
                            s2 += pooled[at * BLOCKS + 10] * w2;
                            s3 += pooled[at * BLOCKS + 11] * w2;
                            s0 += pooled[at * BLOCKS + 12] * w3;
                            s1 += pooled[at * BLOCKS + 13] * w3;
                            s2 += pooled[at * BLOCKS + 14] * w3;
                            s3 += pooled[at * BLOCKS + 15] * w3;
                        }
                        for (int at = fours; at < end; at++) {
                            float weight = weights.get(column + at * width);
                            s0 += pooled[at * BLOCKS] * weight;
                            s1 += pooled[at * BLOCKS + 1] * weight;
                            s2 += pooled[at * BLOCKS + 2] * weight;
                            s3 += pooled[at * BLOCKS + 3] * weight;
                        }
                    }
                    int to = part * BLOCKS * COLUMNS + lane % COLUMNS;
                    partial[to] = s0;
                    partial[to + COLUMNS] = s1;
                    partial[to + 2 * COLUMNS] = s2;
                    partial[to + 3 * COLUMNS] = s3;
                    context.localBarrier();
                    // -- parts together: item = one column of one block --
                    if (e < width) {
                        mapped[lane / COLUMNS * MOST_WIDTH + e] = partial[lane] + partial[lane + BLOCKS * COLUMNS]
                                + partial[lane + 2 * BLOCKS * COLUMNS] + partial[lane + 3 * BLOCKS * COLUMNS];
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
                int b = unit / units;
                int i = unit % units;
                int n = first + b;
                if (n < blocks) {
                    int to = p.get(side + 10) + head * p.get(side + 11) + n * width;
                    int from = b * MOST_WIDTH;
                    if (i < half) {
                        int position = p.get(P_FIRST) + n * block;
                        int turned = position * turns.get(p.get(P_TURNS) + i)
                                + (int) (position * rest.get(p.get(P_REST) + i));
                        float angle = turned * 1.4629180792671596e-9f; // 2 pi / 2^32
                        float scale = rest.get(p.get(P_REST) + half);
                        float cos = TornadoMath.cos(angle) * scale;
                        float sin = TornadoMath.sin(angle) * scale;
                        float a = mapped[from + i];
                        float z = mapped[from + half + i];
                        y.set(to + i, a * cos - z * sin);
                        y.set(to + half + i, z * cos + a * sin);
                    } else {
                        y.set(to + half + i, mapped[from + half + i]);
                    }
                }
            }
        }
    }
}
