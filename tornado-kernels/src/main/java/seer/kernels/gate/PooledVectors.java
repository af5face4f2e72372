package seer.kernels.gate;

import static seer.kernels.gate.GateVectors.P_BLOCK;
import static seer.kernels.gate.GateVectors.P_D;
import static seer.kernels.gate.GateVectors.P_FIRST;
import static seer.kernels.gate.GateVectors.P_HALF;
import static seer.kernels.gate.GateVectors.P_KEYS;
import static seer.kernels.gate.GateVectors.P_QUERIES;
import static seer.kernels.gate.GateVectors.P_REST;
import static seer.kernels.gate.GateVectors.P_TOKENS;
import static seer.kernels.gate.GateVectors.P_TURNS;
import static seer.kernels.gate.GateVectors.SIDE_HEADS;
import static seer.kernels.gate.GateVectors.SIDE_POOLINGS;
import static seer.kernels.gate.GateVectors.SIDE_RAW;
import static seer.kernels.gate.GateVectors.SIDE_RAW_STRIDE;
import static seer.kernels.gate.GateVectors.SIDE_SHARE;
import static seer.kernels.gate.GateVectors.SIDE_WEIGHTS;
import static seer.kernels.gate.GateVectors.SIDE_WIDTH;
import static seer.kernels.gate.GateVectors.SIDE_Y;
import static seer.kernels.gate.GateVectors.SIDE_Y_STRIDE;

import seer.kernels.layer.Rope;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// [GateVectors] where queries and keys were pooled when they were rotated ([seer.kernels.layer.TileRope]): map and
/// rotation of both sides in one launch.
///
/// ## Shapes
/// | buffer    | shape           | type | direction | note                                                          |
/// |-----------|-----------------|------|-----------|---------------------------------------------------------------|
/// | `pooled`  | `[G, N, I]`     | f32  | in        | a place for the keys and one for the queries                  |
///
/// All other buffers and numbers are those of [GateVectors]; `SIDE_RAW` and `SIDE_RAW_STRIDE` are those of `pooled`,
/// which may be `y` where there are no weights.
///
/// ## Tile
/// ```text
///   group = 32 blocks of one head: keys first, then queries          256 items
///
///   32 inputs at a time:     weights  [32, 128]   \   an item has 4 blocks and 4 neighbouring columns:
///                 pooled  [32, 32]     -->  sums   >  16 products for 8 numbers; the next 32 are on their way
///                                                 /   meanwhile
///   then  mapped [32, 128]  -rotate->  y              item = one pair of one block
/// ```
/// | local memory | floats   | holds                                                                    |
/// |--------------|----------|--------------------------------------------------------------------------|
/// | `in`         | 32 * 36  | 32 inputs of 32 blocks, input by input                                   |
/// | `weight`     | 32 * 128 | 32 rows of the map                                                       |
/// | `mapped`     | 32 * 128 | vectors before rotation                                                  |
///
/// ## Formula
///   y[h, i] = rope(pooled[h / (H / G), i] * w[h], first + i * B)
/// ## Cost
///   2*H*N*I*E flops; weights are read once for 32 blocks.
/// ## Versions
///   reference: [GateVectors#reference] behind pooling · `mapped`
public final class PooledVectors {
    /// Items of a group.
    public static final int ITEMS = 256;
    /// Blocks of a group.
    public static final int BLOCKS = 32;
    /// Widest result.
    public static final int MOST_WIDTH = 128;

    private static final int SLICE = 32; // inputs at a time
    private static final int PITCH = BLOCKS + 4;
    private static final int ROWS = 4; // of an item, and columns
    private static final int LANES = MOST_WIDTH / ROWS;
    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * (SLICE * PITCH + SLICE * MOST_WIDTH + BLOCKS * MOST_WIDTH);

    private PooledVectors() { }

    /// Grid `[ceil(blocks / 32), key heads + query heads]`, groups of 256 items.
    public static void mapped(KernelContext context, FloatArray pooled, FloatArray weights, IntArray turns,
                              FloatArray rest, FloatArray y, IntArray p) {
        float[] in = context.allocateFloatLocalArray(SLICE * PITCH);
        float[] weight = context.allocateFloatLocalArray(SLICE * MOST_WIDTH);
        float[] mapped = context.allocateFloatLocalArray(BLOCKS * MOST_WIDTH);
        float[] sum = new float[ROWS * ROWS];
        float[] nextIn = new float[SLICE * BLOCKS / ITEMS];
        float[] nextWeight = new float[SLICE * MOST_WIDTH / ITEMS];
        int item = context.localIdx;
        int head = context.groupIdy;
        int side = P_KEYS;
        if (head >= p.get(P_KEYS + SIDE_HEADS) * p.get(P_KEYS + SIDE_SHARE)) {
            head -= p.get(P_KEYS + SIDE_HEADS) * p.get(P_KEYS + SIDE_SHARE);
            side = P_QUERIES;
        }
        int block = p.get(P_BLOCK);
        int blocks = (p.get(P_TOKENS) + block - 1) / block;
        int first = context.groupIdx * BLOCKS;
        int inputs = p.get(side + SIDE_POOLINGS) * p.get(P_D);
        int width = p.get(side + SIDE_WIDTH);
        int from = p.get(side + SIDE_RAW) + head / p.get(side + SIDE_SHARE) * p.get(side + SIDE_RAW_STRIDE);
        if (p.get(side + SIDE_WEIGHTS) >= 0) {
            int matrix = p.get(side + SIDE_WEIGHTS) + head * inputs * width;
            int row = item / LANES * ROWS;
            int column = item % LANES * ROWS;
            for (int i = 0; i < ROWS * ROWS; i++) {
                sum[i] = 0.0f;
            }
            ahead(nextIn, pooled, from, first, blocks, inputs, 0, item);
            aheadOfWeights(nextWeight, weights, matrix, inputs, width, 0, item);
            for (int slice = 0; slice < inputs; slice += SLICE) {
                for (int i = 0; i < SLICE * BLOCKS / ITEMS; i++) {
                    in[item % SLICE * PITCH + item / SLICE + i * (ITEMS / SLICE)] = nextIn[i];
                }
                for (int i = 0; i < SLICE * MOST_WIDTH / ITEMS; i++) {
                    weight[item + i * ITEMS] = nextWeight[i];
                }
                context.localBarrier();
                if (slice + SLICE < inputs) {
                    ahead(nextIn, pooled, from, first, blocks, inputs, slice + SLICE, item);
                    aheadOfWeights(nextWeight, weights, matrix, inputs, width, slice + SLICE, item);
                }
                for (int e = 0; e < SLICE; e++) {
                    for (int r = 0; r < ROWS; r++) {
                        float a = in[e * PITCH + row + r];
                        for (int c = 0; c < ROWS; c++) {
                            sum[r * ROWS + c] += a * weight[e * MOST_WIDTH + column + c];
                        }
                    }
                }
                context.localBarrier();
            }
            for (int i = 0; i < ROWS * ROWS; i++) {
                mapped[(row + i / ROWS) * MOST_WIDTH + column + i % ROWS] = sum[i];
            }
        } else {
            for (int unit = item; unit < BLOCKS * width; unit += ITEMS) {
                int n = TornadoMath.min(first + unit / width, blocks - 1);
                mapped[unit / width * MOST_WIDTH + unit % width] = pooled.get(from + n * inputs + unit % width);
            }
        }
        context.localBarrier();
        context.globalBarrier(); // what is only rotated is read and written in one place
        // -- rotate --
        int half = p.get(P_HALF);
        int units = width - half;
        for (int unit = item; unit < BLOCKS * units; unit += ITEMS) {
            int at = unit / units * MOST_WIDTH;
            int i = unit % units;
            int n = first + unit / units;
            if (n < blocks) {
                int to = p.get(side + SIDE_Y) + head * p.get(side + SIDE_Y_STRIDE) + n * width;
                if (i < half) {
                    Rope.write(y, to, i, half, mapped[at + i], mapped[at + half + i],
                            p.get(P_FIRST) + n * block, turns, p.get(P_TURNS), rest, p.get(P_REST));
                } else {
                    y.set(to + half + i, mapped[at + half + i]);
                }
            }
        }
    }

    /// An item's share of the next inputs: one of every eighth block.
    private static void ahead(float[] next, FloatArray pooled, int from, int first, int blocks, int inputs, int slice,
                              int item) {
        int input = slice + item % SLICE;
        for (int i = 0; i < SLICE * BLOCKS / ITEMS; i++) {
            int n = TornadoMath.min(first + item / SLICE + i * (ITEMS / SLICE), blocks - 1);
            next[i] = input < inputs ? pooled.get(from + n * inputs + TornadoMath.min(input, inputs - 1)) : 0;
        }
    }

    /// And of the next rows of the map: one column of every second.
    private static void aheadOfWeights(float[] next, FloatArray weights, int matrix, int inputs, int width, int slice,
                                       int item) {
        int column = item % MOST_WIDTH;
        for (int i = 0; i < SLICE * MOST_WIDTH / ITEMS; i++) {
            int input = slice + item / MOST_WIDTH + i * (ITEMS / MOST_WIDTH);
            int at = TornadoMath.min(input, inputs - 1) * width + TornadoMath.min(column, width - 1);
            next[i] = TornadoMath.max(input - inputs, column - width) < 0 ? weights.get(matrix + at) : 0;
        }
    }
}
