package seer.kernels.gate;

import static seer.kernels.gate.GateVectors.AHEAD;
import static seer.kernels.gate.GateVectors.BLOCKS;
import static seer.kernels.gate.GateVectors.ITEMS;
import static seer.kernels.gate.GateVectors.MOST_INPUTS;
import static seer.kernels.gate.GateVectors.MOST_WIDTH;
import static seer.kernels.gate.GateVectors.P_BLOCK;
import static seer.kernels.gate.GateVectors.P_D;
import static seer.kernels.gate.GateVectors.P_FIRST;
import static seer.kernels.gate.GateVectors.P_HALF;
import static seer.kernels.gate.GateVectors.P_KEYS;
import static seer.kernels.gate.GateVectors.P_QUERIES;
import static seer.kernels.gate.GateVectors.P_REST;
import static seer.kernels.gate.GateVectors.P_TOKENS;
import static seer.kernels.gate.GateVectors.P_TURNS;
import static seer.kernels.gate.GateVectors.SIDE_AVERAGE;
import static seer.kernels.gate.GateVectors.SIDE_HEADS;
import static seer.kernels.gate.GateVectors.SIDE_MAX;
import static seer.kernels.gate.GateVectors.SIDE_MIN;
import static seer.kernels.gate.GateVectors.SIDE_POOLINGS;
import static seer.kernels.gate.GateVectors.SIDE_RAW;
import static seer.kernels.gate.GateVectors.SIDE_RAW_STRIDE;
import static seer.kernels.gate.GateVectors.SIDE_SHARE;
import static seer.kernels.gate.GateVectors.SIDE_WEIGHTS;
import static seer.kernels.gate.GateVectors.SIDE_WIDTH;
import static seer.kernels.gate.GateVectors.SIDE_Y;
import static seer.kernels.gate.GateVectors.SIDE_Y_STRIDE;

import seer.kernels.Tiles;
import seer.kernels.layer.Rope;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// [GateVectors] of queries and keys in tiles of bf16.
///
/// ## Shapes
/// | buffer    | shape                  | type | direction | note                                             |
/// |-----------|------------------------|------|-----------|--------------------------------------------------|
/// | `raw`     | `[G, T, D]` in [Tiles] | bf16 | in        | before rotation; places for keys and for queries |
///
/// All other buffers and numbers are those of [GateVectors]; `SIDE_RAW_STRIDE` counts ints.
///
/// ## Tile
/// ```text
///   group = 4 blocks of one raw head: keys first, then queries          256 items
///
///     raw: item = one pair of columns of one block, an int a token; 32 neighbours read a row of a tile, 128 bytes in
///     whatever order its chunks stand. From there on as in GateVectors: everything in fp32.
/// ```
/// ## Formula
///   y[h, i] = rope(pool(raw[h / (H / G)], block i) * w[h], first + i * B)
/// ## Cost
///   reads queries and keys once, 4*G*T*D bytes: memory-bound; 2*H*N*I*E flops. One launch in place of six (pool, map
///   and rotation of either side), which cost more than what they computed.
/// ## Versions
///   reference: [GateVectors#reference] of the rounded inputs · `fused`
public final class TileGateVectors {
    /// Columns that pass at once, and parts of their inputs: together the items of a group.
    private static final int COLUMNS = 64;
    private static final int PARTS = 4;

    private TileGateVectors() { }

    /// Grid `[ceil(blocks / 4), raw key heads + raw query heads]`, groups of 256 items; `D` is 64 or 128.
    public static void fused(KernelContext context, IntArray raw, FloatArray weights, IntArray turns, FloatArray rest,
                             FloatArray y, IntArray p) {
        int[] eight = new int[8];
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
        int pairs = depth / 2;
        for (int unit = lane; unit < BLOCKS * pairs; unit += ITEMS) {
            int b = unit / pairs;
            int pair = unit % pairs;
            float highest0 = 0;
            float highest1 = 0;
            float lowest0 = 0;
            float lowest1 = 0;
            float sum0 = 0;
            float sum1 = 0;
            int count = TornadoMath.min(block, tokens - (first + b) * block);
            if (count > 0) {
                int head = p.get(side + SIDE_RAW) + group * p.get(side + SIDE_RAW_STRIDE)
                        + pair / Tiles.ROW * Tiles.INTS;
                int start = (first + b) * block;
                highest0 = Float.NEGATIVE_INFINITY;
                highest1 = Float.NEGATIVE_INFINITY;
                lowest0 = Float.POSITIVE_INFINITY;
                lowest1 = Float.POSITIVE_INFINITY;
                for (int t = 0; t < count; t += 8) { // eight are on their way before the first is looked at
                    for (int i = 0; i < 8; i++) {
                        int row = start + TornadoMath.min(t + i, count - 1);
                        eight[i] = raw.get(head + row / Tiles.EDGE * Tiles.ROW * depth
                                + Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW));
                    }
                    for (int i = 0; i < 8; i++) {
                        highest0 = TornadoMath.max(highest0, Warp.low(eight[i]));
                        highest1 = TornadoMath.max(highest1, Warp.high(eight[i]));
                        lowest0 = TornadoMath.min(lowest0, Warp.low(eight[i]));
                        lowest1 = TornadoMath.min(lowest1, Warp.high(eight[i]));
                        sum0 = sum0 + (t + i < count ? Warp.low(eight[i]) : 0);
                        sum1 = sum1 + (t + i < count ? Warp.high(eight[i]) : 0);
                    }
                }
                sum0 = sum0 / count;
                sum1 = sum1 / count;
            }
            int to = pair * 2 * BLOCKS + b;
            if (p.get(side + SIDE_MAX) >= 0) {
                pooled[p.get(side + SIDE_MAX) * depth * BLOCKS + to] = highest0;
                pooled[p.get(side + SIDE_MAX) * depth * BLOCKS + to + BLOCKS] = highest1;
            }
            if (p.get(side + SIDE_MIN) >= 0) {
                pooled[p.get(side + SIDE_MIN) * depth * BLOCKS + to] = lowest0;
                pooled[p.get(side + SIDE_MIN) * depth * BLOCKS + to + BLOCKS] = lowest1;
            }
            if (p.get(side + SIDE_AVERAGE) >= 0) {
                pooled[p.get(side + SIDE_AVERAGE) * depth * BLOCKS + to] = sum0;
                pooled[p.get(side + SIDE_AVERAGE) * depth * BLOCKS + to + BLOCKS] = sum1;
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
