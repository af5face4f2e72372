package seer.kernels.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import seer.kernels.attention.OneQueryAttention;
import seer.kernels.attention.OneQueryLists;
import seer.kernels.attention.OneQueryTiles;
import seer.kernels.gate.BlockPooling;
import seer.kernels.gate.TilePooling;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Kernels that read any rows of tiles, against the references of the fp32 kernels.
@Conformance
@OnTensorCores
class TileRotationKernelsTest {

    private static final float SCALE = 1.25f;

    @ParameterizedTest
    @CsvSource({"1, 0, 0, 2, 64, 64, 0, 1", "70, 3, 61, 1, 128, 128, 61, 1", "5, 0, 64, 7, 64, 32, 64, 1",
        "9, 60, 2, 2, 128, 64, 128, 64", "3, 0, 0, 1, 64, 0, 0, 1"})
    void anyRowsAreTurned(int T, int from, int to, int H, int D, int R, int first, int step) {
        check(T, from, to, H, D, R, first, step);
    }

    /// Keys are turned, values copied, behind each other's heads.
    static void check(int T, int from, int to, int H, int D, int R, int first, int step) {
        float[] x = Bf16.round(KernelRun.random(1, H * (from + T) * D, 2));
        float[] v = Bf16.round(KernelRun.random(2, H * (from + T) * D, 2));
        var frequency = new double[R / 2];
        var turns = new IntArray(2 + R / 2);
        var rest = new FloatArray(2 + R / 2);
        for (int i = 0; i < R / 2; i++) {
            frequency[i] = Math.pow(10_000, -2.0 * i / R);
            turns.set(2 + i, Rope.turns(frequency[i]));
            rest.set(1 + i, Rope.rest(frequency[i]));
        }
        rest.set(1 + R / 2, SCALE);
        int xTiles = Tiles.along(from + T);
        int yTiles = Tiles.along(to + T) + 1;
        int depth = Tiles.ROW * D;
        IntArray xs = Bf16.tiles(x, H, from + T, D, xTiles, 7, 4);
        IntArray vs = Bf16.tiles(v, H, from + T, D, xTiles, 7, 6);
        var p = KernelRun.places(TileRotation.P_ROWS, T, TileRotation.P_D, D, TileRotation.P_HALF, R / 2,
                TileRotation.P_FROM, from, TileRotation.P_TO, to, TileRotation.P_FIRST, first, TileRotation.P_STEP,
                step,
                TileRotation.P_X, 4, TileRotation.P_X_TILES, xTiles, TileRotation.P_Y, 5, TileRotation.P_Y_TILES,
                yTiles,
                TileRotation.P_TURNS, 2, TileRotation.P_REST, 1, TileRotation.P_V, 6, TileRotation.P_V_TILES, xTiles,
                TileRotation.P_VALUES, 7);
        int groups = (T * D / 4 + TileRotation.ITEMS - 1) / TileRotation.ITEMS;
        IntArray turned = Bf16.empty(H * yTiles * depth, 5);
        KernelRun.of(KernelRun.groups(groups, H, 1, TileRotation.ITEMS)).in(xs, turns, rest, p).out(turned)
                .run(graph -> graph.task(KernelRun.TASK, TileRotation::turn, new KernelContext(), xs, turned, turns,
                rest,
                        p));
        IntArray keys = Bf16.empty(H * yTiles * depth, 5);
        IntArray values = Bf16.empty(H * yTiles * depth, 7);
        KernelRun.of(KernelRun.groups(groups, 2 * H, 1, TileRotation.ITEMS)).in(xs, vs, turns, rest, p).out(keys,
                values)
                .run(graph -> graph.task(KernelRun.TASK, TileRotation::append, new KernelContext(), xs, vs, keys,
                values,
                        turns, rest, p, H));
        for (int h = 0; h < H; h++) {
            var wanted = new double[T * D];
            var plain = new double[T * D];
            for (int t = 0; t < T; t++) {
                int at = (h * (from + T) + from + t) * D;
                for (int d = 0; d < D; d++) {
                    wanted[t * D + d] = x[at + d];
                    plain[t * D + d] = v[at + d];
                }
                double[] row = Rope.reference(Arrays.copyOfRange(x, at, at + R), 1, 1, R, frequency, SCALE,
                        first + t * step, 1);
                System.arraycopy(row, 0, wanted, t * D, R);
            }
            int at = h * yTiles * depth;
            Bf16.assertRounded("turned", wanted, 0, D, turned, 5 + at, yTiles, to, T, D, 1e-4);
            Bf16.assertRounded("keys", wanted, 0, D, keys, 5 + at, yTiles, to, T, D, 1e-4);
            Bf16.assertRounded("values", plain, 0, D, values, 7 + at, yTiles, to, T, D, 0);
        }
        assertEquals(H * T * D / 2, written(turned), "ints that were written");
        assertEquals(H * T * D / 2, written(keys), "ints of keys that were written");
        assertEquals(H * T * D / 2, written(values), "ints of values that were written");
    }

    private static int written(IntArray array) {
        int count = 0;
        for (int i = 0; i < array.getSize(); i++) {
            count += array.get(i) == Bf16.NAN ? 0 : 1;
        }
        return count;
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1, 64, 64, 7", "70, 3, 2, 64, 64, 5", "130, 60, 1, 128, 32, 2", "200, 0, 2, 128, 128, 7"})
    void blocksArePooled(int T, int from, int H, int D, int B, int wanted) {
        checkPooling(T, from, H, D, B, wanted);
    }

    static void checkPooling(int T, int from, int H, int D, int B, int wanted) {
        float[] x = Bf16.round(KernelRun.random(1, H * T * D, 2));
        var rows = new float[H * (from + T) * D];
        Arrays.fill(rows, Float.NaN);
        for (int h = 0; h < H; h++) {
            System.arraycopy(x, h * T * D, rows, (h * (from + T) + from) * D, T * D);
        }
        int tiles = Tiles.along(from + T);
        int N = (T + B - 1) / B;
        int size = N * Integer.bitCount(wanted) * D;
        IntArray xs = Bf16.tiles(rows, H, from + T, D, tiles, Float.NaN, 4);
        FloatArray pooled = KernelRun.padded(new float[H * (size + 3)], 2);
        int min = Integer.bitCount(wanted & 1);
        int average = Integer.bitCount(wanted & 3);
        var p = KernelRun.places(TilePooling.P_ROWS, T, TilePooling.P_FROM, from, TilePooling.P_D, D,
                TilePooling.P_BLOCK, B, TilePooling.P_X, 4, TilePooling.P_X_TILES, tiles, TilePooling.P_POOLED, 2,
                TilePooling.P_POOLED_STRIDE, size + 3, TilePooling.P_POOLINGS, Integer.bitCount(wanted),
                TilePooling.P_MAX, (wanted & 1) > 0 ? 0 : -1, TilePooling.P_MIN, (wanted & 2) > 0 ? min : -1,
                TilePooling.P_AVERAGE, (wanted & 4) > 0 ? average : -1);
        KernelRun.of(KernelRun.groups(N, H, 1, TilePooling.ITEMS)).in(xs, p).out(pooled).run(graph -> graph.task(
                KernelRun.TASK, TilePooling::pairs, new KernelContext(), xs, pooled, p));
        for (int h = 0; h < H; h++) {
            double[] each = BlockPooling.reference(Arrays.copyOfRange(x, h * T * D, (h + 1) * T * D), 1, T, D, B,
                    (wanted & 1) > 0, (wanted & 2) > 0, (wanted & 4) > 0);
            KernelRun.assertClose("pooled", each, pooled, 2 + h * (size + 3), B);
        }
    }

    /// Scores near 100, where e^s exceeds fp32, are among them.
    @ParameterizedTest
    @CsvSource({"0, 1, 1, 64, 1", "5, 4, 2, 128, 1", "130, 2, 1, 64, 2", "300, 2, 2, 128, 3", "9, 7, 1, 64, 4"})
    void oneQueryOverTilesIsTheReference(int position, int H, int G, int D, int splits) {
        checkOneQuery(position, H, G, D, splits, 64, 0);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1, 64, 1, 64, 1", "130, 4, 2, 64, 2, 64, 4", "130, 4, 2, 128, 3, 16, 2",
        "300, 6, 3, 64, 2, 5, 3", "257, 5, 5, 128, 4, 128, 5"})
    void oneQueryOverTilesSeesListedBlocksAlone(int position, int H, int G, int D, int splits, int B, int lists) {
        checkOneQuery(position, H, G, D, splits, B, lists);
    }

    static void checkOneQuery(int position, int H, int G, int D, int splits, int B, int lists) {
        int T = position + 1;
        float[] q = Bf16.round(KernelRun.random(1, H * D, 3));
        float[] k = Bf16.round(KernelRun.random(2, G * T * D, 3));
        float[] v = Bf16.round(KernelRun.random(3, G * T * D, 1));
        for (int i = D - 1; i < k.length; i += D) {
            k[i] = 1;
        }
        for (int i = D - 1; i < q.length; i += D) {
            q[i] = 1024;
        }
        int tiles = Tiles.along(T) + 1;
        IntArray qs = Bf16.tiles(q, H, 1, D, 2, Float.NaN, 6);
        IntArray ks = Bf16.tiles(k, G, T, D, tiles, Float.NaN, 4);
        IntArray vs = Bf16.tiles(v, G, T, D, tiles, Float.NaN, 5);
        IntArray out = Bf16.empty(H * D / Tiles.EDGE * Tiles.INTS, 3);
        var scratch = new FloatArray(8 + H * splits * (D + 2));
        var row = new OneQueryLists(position, H, B, lists);
        var p = KernelRun.places(OneQueryAttention.P_POSITION, position, OneQueryAttention.P_Q, 6,
                OneQueryAttention.P_Q_STRIDE, 2, OneQueryAttention.P_K, 4, OneQueryAttention.P_V, 5,
                OneQueryAttention.P_KV_STRIDE, tiles, OneQueryAttention.P_OUT, 3, OneQueryAttention.P_SCRATCH, 8,
                OneQueryAttention.P_SPLITS, splits, OneQueryAttention.P_LISTS, lists, OneQueryAttention.P_START,
                OneQueryLists.START_AT, OneQueryAttention.P_END, row.endAt(), OneQueryAttention.P_INDEX,
                OneQueryLists.INDEX_AT);
        KernelRun.of(KernelRun.groups(splits, H, 1, OneQueryTiles.ITEMS)).in(qs, ks, vs, row.start, row.index, p)
                .out(scratch)
                .run(graph -> graph.task(KernelRun.TASK, OneQueryTiles::part, new KernelContext(), qs, ks, vs,
                        row.start, row.index, scratch, p, H, G, D, B, lists > 0 ? 1 : 0));
        KernelRun.of(KernelRun.groups(1, H, 1, OneQueryTiles.ITEMS)).in(scratch, p).out(out)
                .run(graph -> graph.task(KernelRun.TASK, OneQueryTiles::merge, new KernelContext(), scratch, out, p,
                D));
        double[] wanted = row.reference(q, k, v, H, G, T, D, B);
        Bf16.assertRounded("out", wanted, 0, H * D, out, 3, 1, 0, 1, H * D, 1e-4);
        assertEquals(H * D / 2, written(out), "ints that were written");
    }
}
