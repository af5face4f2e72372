package seer.kernels.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import seer.kernels.gate.BlockPooling;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What stands between products in tiles of bf16, against the references of the fp32 kernels.
@Conformance
@OnTensorCores
class TileLayerKernelsTest {

    @ParameterizedTest
    @CsvSource({"1, 2", "5, 64", "65, 130", "3, 576"})
    void normsAreTheReference(int T, int C) {
        float[] x = KernelRun.random(1, T * C, 3);
        float[] weight = KernelRun.random(2, C, 2);
        double[] wanted = RmsNorm.reference(x, weight, 1e-5, T, C);
        FloatArray in = KernelRun.padded(x, 3);
        FloatArray scale = KernelRun.padded(weight, 2);
        int across = Tiles.along(C);
        int ints = Tiles.along(T) * across * Tiles.INTS;
        IntArray y = Bf16.empty(ints, 5);
        var p = KernelRun.places(TileNorm.P_C, C, TileNorm.P_X, 3, TileNorm.P_WEIGHT, 2, TileNorm.P_Y, 5,
                TileNorm.P_ROWS, T);
        var f = FloatArray.fromElements(1e-5f);
        KernelRun.of(KernelRun.groups(Tiles.along(T) * Tiles.EDGE, 1, 1, TileNorm.ITEMS)).in(in, scale, p, f).out(y)
                .run(graph -> graph.task(KernelRun.TASK, TileNorm::grouped, new KernelContext(), in, scale, y, p, f));
        Bf16.assertRounded("norm", wanted, 0, C, y, 5, Tiles.along(T), 0, T, C, 1e-5);
        Bf16.assertUntouched("norm", y, 5, ints);
        for (int pair = C / 2; pair < across * Tiles.ROW; pair++) {
            assertEquals(0, y.get(5 + pair / Tiles.ROW * Tiles.INTS + Tiles.at(0, pair % Tiles.ROW)),
                    "behind column C");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "65, 130", "7, 64"})
    void tokensBecomeTheirRows(int T, int C) {
        int V = 150;
        float[] table = Bf16.round(KernelRun.random(3, V * C, 2));
        var random = new Random(T);
        int[] tokens = random.ints(T, 0, V).toArray();
        double[] wanted = Embedding.reference(table, tokens, C);
        IntArray tiles = Bf16.tiles(table, 1, V, C, Tiles.along(V), 0, 6);
        var ids = IntArray.fromArray(tokens);
        FloatArray x = KernelRun.padded(new float[T * C], 3);
        var p = KernelRun.places(TileEmbedding.P_ROWS, T, TileEmbedding.P_C, C, TileEmbedding.P_TABLE, 6,
                TileEmbedding.P_X, 3);
        KernelRun.of(KernelRun.items(T * C / 2, 64)).in(tiles, ids, p).out(x).run(graph -> graph.task(
                KernelRun.TASK, TileEmbedding::pairs, new KernelContext(), tiles, ids, x, p));
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], x.get(3 + i), "[" + i + "]");
        }
        assertEquals(Float.NaN, x.get(3 + T * C));
    }

    /// Gate and up of a feed-forward block go to tiles of rows in turns; other matrices as they are, in several pieces.
    @ParameterizedTest
    @CsvSource({"70, 3", "64, 128", "1, 65", "130, 40"})
    void matricesGoIntoTilesAndBack(int R, int C) {
        float[] x = KernelRun.random(R, R * C, 1);
        int across = Tiles.along(C);
        int ints = 2 * Tiles.along(R) * across * Tiles.INTS;
        IntArray y = Bf16.empty(ints, 3);
        int cut = R / 3;
        pack(Arrays.copyOf(x, cut * C), cut, C, 0, y, 1);
        pack(Arrays.copyOfRange(x, cut * C, R * C), R - cut, C, cut, y, 1);
        double[] wanted = new double[R * C];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = Float.intBitsToFloat(Tiles.round(x[i]) << 16);
        }
        var turns = new float[2 * Tiles.along(R) * Tiles.EDGE * C];
        FloatArray back = KernelRun.padded(new float[R * C], 0);
        var p = KernelRun.places(TileMove.P_ROWS, R, TileMove.P_C, C, TileMove.P_ROW, 0, TileMove.P_EVERY, 2,
                TileMove.P_SHIFT, 1, TileMove.P_Y, 3, TileMove.P_AT, 0);
        KernelRun.of(KernelRun.items(R * across * Tiles.ROW, 64)).in(y, p).out(back).run(graph -> graph.task(
                KernelRun.TASK, TileMove::unpack, new KernelContext(), y, back, p));
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], back.get(i), "back [" + i + "]");
            int row = i / C;
            turns[((row / Tiles.EDGE * 2 + 1) * Tiles.EDGE + row % Tiles.EDGE) * C + i % C] = (float) wanted[i];
        }
        assertEquals(Float.NaN, back.get(R * C));
        int[] packed = Arrays.copyOfRange(y.toHeapArray(), 3, 3 + ints);
        float[] got = Tiles.unpack(packed, 2 * Tiles.along(R) * Tiles.EDGE, C);
        for (int i = 0; i < turns.length; i++) {
            if (turns[i] != 0) {
                assertEquals(turns[i], got[i], "in turns [" + i + "]");
            }
        }
    }

    private static void pack(float[] rows, int count, int C, int first, IntArray y, int shift) {
        if (count == 0) {
            return;
        }
        var p = KernelRun.places(TileMove.P_ROWS, count, TileMove.P_C, C, TileMove.P_ROW, first, TileMove.P_EVERY, 2,
                TileMove.P_SHIFT, shift, TileMove.P_Y, 3, TileMove.P_AT, 0);
        var grid = KernelRun.items(count * Tiles.along(C) * Tiles.ROW, 64);
        if (C % 2 == 0 && first == 0) {
            var halves = new IntArray(count * C / 2);
            for (int i = 0; i < halves.getSize(); i++) {
                halves.set(i, Tiles.round(rows[2 * i]) & 0xFFFF | Tiles.round(rows[2 * i + 1]) << 16);
            }
            KernelRun.of(grid).in(halves, p).out(y).run(graph -> graph.task(KernelRun.TASK, TileMove::packHalves,
                    new KernelContext(), halves, y, p));
        } else {
            FloatArray floats = KernelRun.padded(rows, 0);
            KernelRun.of(grid).in(floats, p).out(y).run(graph -> graph.task(KernelRun.TASK, TileMove::packFloats,
                    new KernelContext(), floats, y, p));
        }
    }

    @Test
    void columnsBeyondTheMatrixAreZero() {
        IntArray y = Bf16.empty(2 * Tiles.INTS, 3);
        pack(new float[] {1, 2, 3}, 1, 3, 0, y, 0);
        for (int pair = 2; pair < Tiles.ROW; pair++) {
            assertEquals(0, y.get(3 + Tiles.at(0, pair)), "pair " + pair);
        }
        assertEquals(Bf16.NAN, y.get(3 + Tiles.at(1, 0)), "the next row");
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 2, 1, 64, 64, 64, 7, 7, none", "63, 64, 1, 1, 128, 128, 64, 1, 6, both",
        "130, 128, 2, 2, 64, 24, 128, 4, 0, both", "65, 0, 7, 1, 128, 64, 64, 0, 3, keys",
        "64, 1000000, 1, 1, 64, 64, 64, 2, 5, both", "129, 37, 1, 2, 128, 128, 128, 5, 7, none"})
    void queriesAndKeysAreNormedTurnedAndPooledInOnePass(int T, int position, int H, int G, int D, int rotary,
                                                         int block, int poolQ, int poolK, String norms) {
        checkRope(T, position, H, G, D, rotary, block, poolQ, poolK, norms);
    }

    /// @param norms of `both`, of `keys` or of `none`
    static void checkRope(int T, int position, int H, int G, int D, int rotary, int block, int poolQ, int poolK,
                          String norms) {
        boolean normed = norms.equals("both");
        boolean normedKeys = !norms.equals("none");
        float[] q = Bf16.round(KernelRun.random(1, H * T * D, 2));
        float[] k = Bf16.round(KernelRun.random(2, G * T * D, 2));
        float[] v = Bf16.round(KernelRun.random(3, G * T * D, 2));
        float[] weights = KernelRun.random(4, 2 * D, 2);
        double[] frequency = frequencies(rotary);
        int tiles = Tiles.along(T) + 1;
        int kvTiles = tiles + 1;
        int offset = 65;
        int cacheTiles = tiles + 2;
        int depth = Tiles.ROW * D;
        int N = (T + block - 1) / block;
        int sizeQ = N * Integer.bitCount(poolQ) * D;
        int sizeK = N * Integer.bitCount(poolK) * D;
        IntArray qs = Bf16.tiles(q, H, T, D, tiles, Float.NaN, 4);
        IntArray ks = Bf16.tiles(k, G, T, D, kvTiles, Float.NaN, 5);
        IntArray vs = Bf16.tiles(v, G, T, D, kvTiles, Float.NaN, 3);
        IntArray turned = Bf16.empty(H * tiles * depth, 6);
        IntArray keys = Bf16.empty(G * cacheTiles * depth, 7);
        IntArray values = Bf16.empty(G * cacheTiles * depth, 2);
        IntArray turns = turns(frequency);
        FloatArray rest = rest(frequency);
        FloatArray normQ = KernelRun.padded(weights, 1);
        FloatArray normK = KernelRun.padded(weights, 2);
        FloatArray pooled = KernelRun.padded(new float[H * sizeQ + G * (sizeK + 3)], 2);
        var p = KernelRun.places(TileRope.P_ROWS, T, TileRope.P_POSITION, position, TileRope.P_HEADS, H,
                TileRope.P_GROUPS, G, TileRope.P_HALF, rotary / 2, TileRope.P_BLOCK, block, TileRope.P_Q, 4,
                TileRope.P_K, 5, TileRope.P_V, 3, TileRope.P_TILES, tiles, TileRope.P_KV_TILES, kvTiles,
                TileRope.P_TURNED, 6, TileRope.P_KEYS, 7, TileRope.P_VALUES, 2, TileRope.P_CACHE_TILES, cacheTiles,
                TileRope.P_OFFSET, offset, TileRope.P_TURNS, 2, TileRope.P_REST, 1, TileRope.P_NORM_Q, normed ? 1 : -1,
                TileRope.P_NORM_K, normedKeys ? 2 + D : -1, TileRope.P_POOL_Q, poolQ, TileRope.P_POOL_K, poolK,
                TileRope.P_POOLED_Q, 2, TileRope.P_POOLED_Q_STRIDE, sizeQ, TileRope.P_POOLED_K, 2 + H * sizeQ,
                TileRope.P_POOLED_K_STRIDE, sizeK + 3);
        KernelRun.of(KernelRun.groups(N, (H + 2 * G + TileRope.SHARE - 1) / TileRope.SHARE, 1, TileRope.ITEMS))
                .in(turns, rest, normQ, normK, p).out(qs, ks, vs, turned, keys, values, pooled)
                .run(graph -> graph.task(KernelRun.TASK, TileRope::fused, new KernelContext(), qs, ks, vs, turned,
                        keys, values, turns, rest, normQ, normK, pooled, p, D, (float) EPSILON));
        float[] rawQ = raw(qs, q, H, T, D, tiles, 4, normed ? Arrays.copyOf(weights, D) : null);
        float[] rawK = raw(ks, k, G, T, D, kvTiles, 5, normedKeys ? Arrays.copyOfRange(weights, D, 2 * D) : null);
        for (int h = 0; h < H; h++) {
            Bf16.assertRounded("q", turned(rawQ, h, T, D, frequency, position), 0, D, turned, 6 + h * tiles * depth,
                    tiles, 0, T, D, 1e-4);
            assertPooled(rawQ, h, T, D, block, poolQ, pooled, 2 + h * sizeQ);
        }
        for (int g = 0; g < G; g++) {
            Bf16.assertRounded("k", turned(rawK, g, T, D, frequency, position), 0, D, keys, 7 + g * cacheTiles * depth,
                    cacheTiles, offset, T, D, 1e-4);
            Bf16.assertRounded("v", doubles(v, g * T * D, T * D), 0, D, values, 2 + g * cacheTiles * depth,
                    cacheTiles, offset, T, D, 0);
            assertPooled(rawK, g, T, D, block, poolK, pooled, 2 + H * sizeQ + g * (sizeK + 3));
        }
        Bf16.assertUntouched("keys", keys, 7 + depth, G * cacheTiles * depth - depth);
        Bf16.assertUntouched("values", values, 2 + depth, G * cacheTiles * depth - depth);
    }

    @Test
    void headsAreNormedWhereTheyLie() {
        checkNorms(65, 2, 64);
        checkNorms(3, 1, 128);
    }

    static void checkNorms(int T, int H, int D) {
        float[] q = Bf16.round(KernelRun.random(1, H * T * D, 2));
        float[] weights = KernelRun.random(4, D, 2);
        int tiles = Tiles.along(T);
        IntArray qs = Bf16.tiles(q, H, T, D, tiles, Float.NaN, 4);
        IntArray[] others = nothing(5);
        IntArray turned = Bf16.empty(H * tiles * Tiles.ROW * D, 6);
        FloatArray norm = KernelRun.padded(weights, 1);
        var none = new FloatArray(4);
        var pooled = new FloatArray(4);
        var p = KernelRun.places(TileRope.P_ROWS, T, TileRope.P_HEADS, H, TileRope.P_BLOCK, Tiles.EDGE, TileRope.P_Q, 4,
                TileRope.P_TILES, tiles, TileRope.P_TURNED, -1, TileRope.P_KEYS, 7, TileRope.P_NORM_Q, 1,
                TileRope.P_NORM_K, -1, TileRope.P_POOLED_K_STRIDE, 0);
        KernelRun.of(KernelRun.groups(tiles, (H + TileRope.SHARE - 1) / TileRope.SHARE, 1, TileRope.ITEMS))
                .in(norm, none, pooled, p, others[0], others[1], others[2], others[3], others[4]).out(qs, turned)
                .run(graph -> graph.task(KernelRun.TASK, TileRope::fused, new KernelContext(), qs, others[0], others[1],
                        turned, others[2], others[3], others[4], none, norm, none, pooled, p, D, (float) EPSILON));
        raw(qs, q, H, T, D, tiles, 4, weights);
        Bf16.assertUntouched("turned", turned, turned.getSize(), 0);
    }

    /// Buffers of which a kernel has no use in a test.
    private static IntArray[] nothing(int count) {
        var buffers = new IntArray[count];
        Arrays.setAll(buffers, i -> Bf16.empty(4, 0));
        return buffers;
    }

    /// What stands in the tiles afterwards, which has to be `x`, or `x` normed and rounded.
    private static float[] raw(IntArray tiled, float[] x, int heads, int T, int D, int tiles, int at, float[] norm) {
        var after = new float[heads * T * D];
        double[] wanted = norm == null ? doubles(x, 0, x.length)
                : RmsNorm.reference(x, norm, EPSILON, heads * T, D);
        int size = tiles * Tiles.ROW * D;
        for (int h = 0; h < heads; h++) {
            Bf16.assertRounded("raw", wanted, h * T * D, D, tiled, at + h * size, tiles, 0, T, D,
                    norm == null ? 0 : 1e-5);
            float[] values = Tiles.unpack(Arrays.copyOfRange(tiled.toHeapArray(), at + h * size, at + (h + 1) * size),
                    tiles * Tiles.EDGE, D);
            System.arraycopy(values, 0, after, h * T * D, T * D);
        }
        return after;
    }

    /// One head, of which only the first columns are turned.
    private static double[] turned(float[] x, int head, int T, int D, double[] frequency, int position) {
        double[] wanted = doubles(x, head * T * D, T * D);
        int R = 2 * frequency.length;
        var front = new float[T * R];
        for (int i = 0; i < front.length; i++) {
            front[i] = (float) wanted[i / R * D + i % R];
        }
        double[] rotated = Rope.reference(front, 1, T, R, frequency, SCALE, position, 1);
        for (int i = 0; i < front.length; i++) {
            wanted[i / R * D + i % R] = rotated[i];
        }
        return wanted;
    }

    private static double[] doubles(float[] x, int from, int count) {
        var doubles = new double[count];
        for (int i = 0; i < count; i++) {
            doubles[i] = x[from + i];
        }
        return doubles;
    }

    private static void assertPooled(float[] x, int head, int T, int D, int block, int pool, FloatArray pooled,
                                     int at) {
        double[] wanted = BlockPooling.reference(Arrays.copyOfRange(x, head * T * D, (head + 1) * T * D), 1, T, D,
                block, (pool & TileRope.MAX) > 0, (pool & TileRope.MIN) > 0, (pool & TileRope.AVERAGE) > 0);
        KernelRun.assertClose("pooled", wanted, pooled, at, block);
    }

    private static final float SCALE = 1.25f;
    private static final double EPSILON = 1e-5;

    private static double[] frequencies(int D) {
        var frequency = new double[D / 2];
        for (int i = 0; i < frequency.length; i++) {
            frequency[i] = Math.pow(10_000, -2.0 * i / D);
        }
        return frequency;
    }

    /// From element 2 on.
    private static IntArray turns(double[] frequency) {
        var turns = new IntArray(2 + frequency.length);
        for (int i = 0; i < frequency.length; i++) {
            turns.set(2 + i, Rope.turns(frequency[i]));
        }
        return turns;
    }

    /// From element 1 on.
    private static FloatArray rest(double[] frequency) {
        var rest = new FloatArray(2 + frequency.length);
        for (int i = 0; i < frequency.length; i++) {
            rest.set(1 + i, Rope.rest(frequency[i]));
        }
        rest.set(1 + frequency.length, SCALE);
        return rest;
    }
}
