package seer.kernels.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The kernels of the gradients in tiles of bf16 against their references.
@Conformance
@OnTensorCores
class TileBackwardKernelsTest {

    /// A matrix in tiles, zero in the rows that fill it up.
    private static IntArray filled(float[] x, int rows, int columns, int before) {
        return Bf16.tiles(x, 1, rows, columns, Tiles.along(rows), 0, before);
    }

    /// In parts, and added to what is there; both operands are part of something wider.
    @ParameterizedTest
    @CsvSource({"1, 2, 16, 64, 0", "65, 64, 64, 128, 1", "130, 130, 70, 64, 0", "200, 64, 200, 128, 0",
            "64, 33, 65, 64, 1"})
    void weightsGetTheirSlopes(int T, int N, int K, int span, int add) {
        float[] dy = Bf16.round(KernelRun.random(1, T * N, 1));
        float[] x = Bf16.round(KernelRun.random(2, T * K, 1));
        int parts = (T + span - 1) / span;
        float[] before = KernelRun.random(3, parts * N * K, 1);
        var wanted = new double[parts * N * K];
        for (int part = 0; part < parts; part++) {
            int end = Math.min(T, (part + 1) * span);
            double[] sum = WeightSlope.reference(Arrays.copyOfRange(dy, part * span * N, end * N),
                    Arrays.copyOfRange(x, part * span * K, end * K), end - part * span, N, K);
            for (int i = 0; i < N * K; i++) {
                wanted[part * N * K + i] = sum[i] + add * before[i];
            }
        }
        IntArray slopes = wider(filled(dy, T, N, 0), T, N, 8);
        IntArray in = wider(Bf16.tiles(x, 1, T, K, Tiles.along(T), 7, 0), T, K, 4);
        FloatArray dW = KernelRun.padded(before, 5);
        var p = KernelRun.places(WeightSlope.P_ROWS, T, WeightSlope.P_N, N, WeightSlope.P_K, K, WeightSlope.P_SPAN,
                span, WeightSlope.P_DY, 8, WeightSlope.P_X, 4, WeightSlope.P_DW, 5, WeightSlope.P_ADD, add,
                WeightSlopeMma.P_DY_TILES, Tiles.along(N) + 1, WeightSlopeMma.P_X_TILES, Tiles.along(K) + 1);
        KernelRun.of(KernelRun.groups((K + 127) / 128, (N + 127) / 128, parts, WeightSlopeMma.ITEMS)).in(slopes, in, p)
                .out(dW).run(graph -> graph.task(KernelRun.TASK, WeightSlopeMma::tiles, new KernelContext(), slopes,
                        in, dW, p));
        KernelRun.assertClose("dW", wanted, dW, 5, T);
    }

    /// Rows of tiles with a column of NaN behind each.
    private static IntArray wider(IntArray tiles, int rows, int columns, int before) {
        int across = Tiles.along(columns) * Tiles.INTS;
        IntArray wide = Bf16.empty(Tiles.along(rows) * (across + Tiles.INTS), before);
        for (int i = 0; i < Tiles.along(rows) * across; i++) {
            wide.set(before + i / across * (across + Tiles.INTS) + i % across, tiles.get(i));
        }
        return wide;
    }

    @ParameterizedTest
    @CsvSource({"5, 7, 1, 0", "64, 130, 1, 0", "100, 70, 2, 1", "130, 65, 2, 0"})
    void axesAreExchanged(int N, int K, int every, int shift) {
        float[] x = Bf16.round(KernelRun.random(N, N * K, 2));
        int down = Tiles.along(N);
        int across = Tiles.along(K);
        int first = 1;
        int wide = down + 2;
        IntArray plain = filled(x, N, K, 0);
        IntArray in = Bf16.empty(down * every * across * Tiles.INTS, 3);
        for (int i = 0; i < down * across * Tiles.INTS; i++) {
            int row = i / (across * Tiles.INTS) * every + shift;
            in.set(3 + row * across * Tiles.INTS + i % (across * Tiles.INTS), plain.get(i));
        }
        IntArray y = Bf16.empty(across * wide * Tiles.INTS, 2);
        var p = KernelRun.places(TileTurn.P_N, N, TileTurn.P_K, K, TileTurn.P_EVERY, every, TileTurn.P_SHIFT, shift,
                TileTurn.P_X, 3, TileTurn.P_Y, 2, TileTurn.P_FIRST, first, TileTurn.P_ACROSS, wide);
        KernelRun.of(KernelRun.items(TileTurn.items(N, K) + 1, 64)).in(in, p).out(y)
                .run(graph -> graph.task(KernelRun.TASK, TileTurn::pairs, new KernelContext(), in, y, p));
        double[] wanted = TileTurn.reference(x, N, K);
        float[] got = Tiles.unpack(Arrays.copyOfRange(y.toHeapArray(), 2, 2 + across * wide * Tiles.INTS),
                across * Tiles.EDGE, wide * Tiles.EDGE);
        for (int k = 0; k < across * Tiles.EDGE; k++) {
            for (int n = 0; n < wide * Tiles.EDGE; n++) {
                int from = n - first * Tiles.EDGE;
                boolean outside = from < 0 || from >= down * Tiles.EDGE;
                double want = outside ? Float.NaN : from < N && k < K ? wanted[k * N + from] : 0;
                assertEquals((float) want, got[k * wide * Tiles.EDGE + n], k + ", " + n);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "65, 70", "64, 129"})
    void rowsBecomeWholeTiles(int T, int C) {
        float[] x = KernelRun.random(T, T * C, 2);
        FloatArray rows = KernelRun.padded(x, 3);
        int ints = Tiles.along(T) * Tiles.along(C) * Tiles.INTS;
        IntArray y = Bf16.empty(ints, 5);
        var p = KernelRun.places(TileMove.P_ROWS, T, TileMove.P_C, C, TileMove.P_Y, 5, TileMove.P_AT, 3);
        KernelRun.of(KernelRun.items(ints + 1, 64)).in(rows, p).out(y)
                .run(graph -> graph.task(KernelRun.TASK, TileMove::packRows, new KernelContext(), rows, y, p));
        assertTiles("y", Tiles.pack(x, T, C), y, 5);
    }

    private static void assertTiles(String what, int[] wanted, IntArray got, int at) {
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], got.get(at + i), what + " [" + i + "]");
        }
        Bf16.assertUntouched(what, got, at, wanted.length);
    }

    @ParameterizedTest
    @CsvSource({"1, 64", "5, 40", "66, 130"})
    void gatesGoBack(int T, int F) {
        float[] gateUp = KernelRun.random(T, T * 2 * F, 4);
        gateUp[0] = -500;
        gateUp[1] = 500;
        float[] dy = KernelRun.random(5, T * F, 1);
        int wide = Tiles.along(F) * Tiles.EDGE;
        var turns = new float[T * 2 * wide];
        Arrays.fill(turns, Float.NaN);
        for (int i = 0; i < T * F; i++) {
            int at = i / F * 2 * wide + i % F / Tiles.EDGE * 2 * Tiles.EDGE + i % F % Tiles.EDGE;
            turns[at] = gateUp[i / F * 2 * F + i % F];
            turns[at + Tiles.EDGE] = gateUp[i / F * 2 * F + F + i % F];
        }
        FloatArray both = KernelRun.padded(turns, 3);
        FloatArray slope = KernelRun.padded(dy, 2);
        int ints = Tiles.along(T) * Tiles.along(F) * Tiles.INTS;
        IntArray d = Bf16.empty(2 * ints, 5);
        IntArray y = Bf16.empty(ints, 6);
        var p = KernelRun.places(TileSwiGluBackward.P_ROWS, T, TileSwiGluBackward.P_F, F, TileSwiGluBackward.P_BOTH, 3,
                TileSwiGluBackward.P_DY, 2, TileSwiGluBackward.P_D, 5, TileSwiGluBackward.P_Y, 6);
        KernelRun.of(KernelRun.items(TileSwiGluBackward.items(T, F) + 1, 64)).in(both, slope, p).out(d, y)
                .run(graph -> graph.task(KernelRun.TASK, TileSwiGluBackward::pairs, new KernelContext(), both, slope, d,
                        y, p));
        int tiles = Tiles.along(T);
        Bf16.assertRounded("product", SwiGlu.reference(gateUp, T, F), 0, F, y, 6, tiles, 0, T, F, 1e-5);
        double[] wanted = SwiGluBackward.reference(gateUp, dy, T, F);
        var spread = new double[T * 2 * wide];
        for (int i = 0; i < T * F; i++) {
            spread[i / F * 2 * wide + i % F] = wanted[i / F * 2 * F + i % F];
            spread[i / F * 2 * wide + wide + i % F] = wanted[i / F * 2 * F + F + i % F];
        }
        Bf16.assertRounded("slopes", spread, 0, 2 * wide, d, 5, tiles, 0, T, 2 * wide, 1e-5);
        Bf16.assertRounded("product behind", new double[tiles * Tiles.EDGE * wide], 0, wide, y, 6, tiles, T,
                tiles * Tiles.EDGE - T, wide, 0);
        Bf16.assertRounded("slopes behind", new double[2 * tiles * Tiles.EDGE * wide], 0, 2 * wide, d, 5, tiles, T,
                tiles * Tiles.EDGE - T, 2 * wide, 0);
        Bf16.assertUntouched("slopes", d, 5, 2 * ints);
        Bf16.assertUntouched("product", y, 6, ints);
    }

    /// Queries and keys are turned, by half of their columns or by all, values are not; and nothing is. Far off, what a
    /// frequency has behind 32 bits counts.
    @ParameterizedTest
    @CsvSource({"1, 1, 1, 64, 0, 0", "65, 4, 2, 64, 64, 3", "130, 3, 1, 128, 128, 64", "5, 2, 1, 64, 32, 9",
        "5, 2, 1, 64, 64, 50000000"})
    void headsAreTurnedAndJoined(int T, int H, int G, int D, int R, int first) {
        int N = (H + 2 * G) * D;
        float[] heads = Bf16.round(KernelRun.random(T, T * N, 1));
        float scale = 1.25f;
        var frequency = new double[R / 2];
        var turns = new IntArray(2 + R / 2);
        var rest = new FloatArray(2 + R / 2);
        for (int i = 0; i < R / 2; i++) {
            frequency[i] = -Math.pow(10_000, -2.0 * i / R);
            turns.set(2 + i, Rope.turns(frequency[i]));
            rest.set(1 + i, Rope.rest(frequency[i]));
        }
        rest.set(1 + R / 2, scale);
        var turned = new float[heads.length];
        for (int row = 0; row < T * (H + 2 * G); row++) {
            System.arraycopy(heads, row * D, turned, row * D, D);
            if (R > 0 && row < T * (H + G)) {
                double[] wanted = Rope.reference(Arrays.copyOfRange(heads, row * D, row * D + R), 1, 1, R, frequency,
                        scale, first + row % T, 1);
                for (int d = 0; d < R; d++) {
                    turned[row * D + d] = (float) wanted[d];
                }
            }
        }
        int tiles = Tiles.along(T) + 1; // of a head: one that is not in use
        int stride = tiles * Tiles.ROW * D;
        IntArray q = Bf16.tiles(Arrays.copyOfRange(heads, 0, H * T * D), H, T, D, tiles, Float.NaN, 2);
        IntArray k = Bf16.tiles(Arrays.copyOfRange(heads, H * T * D, (H + G) * T * D), G, T, D, tiles, Float.NaN, 3);
        IntArray v = Bf16.tiles(Arrays.copyOfRange(heads, (H + G) * T * D, heads.length), G, T, D, tiles, Float.NaN, 4);
        int ints = Tiles.along(T) * Tiles.along(N) * Tiles.INTS;
        IntArray joined = Bf16.empty(ints, 6);
        var p = KernelRun.places(HeadSplit.P_ROWS, T, HeadSplit.P_HEADS, H, HeadSplit.P_GROUPS, G, HeadSplit.P_D, D,
                HeadSplit.P_Y, 6, HeadSplit.P_Q, 2, HeadSplit.P_Q_STRIDE, stride, HeadSplit.P_K, 3,
                HeadSplit.P_K_STRIDE, stride, HeadSplit.P_V, 4, HeadSplit.P_V_STRIDE, stride, TileHeadJoin.P_HALF,
                R / 2, TileHeadJoin.P_FIRST, first, TileHeadJoin.P_TURNS, 2, TileHeadJoin.P_REST, 1);
        KernelRun.of(KernelRun.items(TileHeadJoin.items(T, N) + 1, 64)).in(q, k, v, turns, rest, p).out(joined)
                .run(graph -> graph.task(KernelRun.TASK, TileHeadJoin::turned, new KernelContext(), q, k, v, joined,
                        turns, rest, p));
        int down = Tiles.along(T);
        Bf16.assertRounded("y", HeadJoin.reference(turned, T, H + 2 * G, D), 0, N, joined, 6, down, 0, T, N,
                R == 0 ? 0 : 1e-4);
        Bf16.assertRounded("behind", new double[down * Tiles.EDGE * N], 0, N, joined, 6, down, T,
                down * Tiles.EDGE - T, N, 0);
        Bf16.assertUntouched("y", joined, 6, ints);
    }

    /// A matrix behind others, as it is and turned; the turned tiles stand further down.
    @ParameterizedTest
    @CsvSource({"1, 1", "64, 64", "70, 130", "130, 65"})
    void weightsBecomeTilesBothWays(int N, int K) {
        float[] x = KernelRun.random(N, N * K, 2);
        int down = Tiles.along(N);
        int across = Tiles.along(K);
        var table = new IntArray(5 + down * across * TileWeights.TILE);
        int at = 5;
        for (int tile = 0; tile < down * across; tile++) {
            int row = tile / across * Tiles.EDGE;
            int column = tile % across * Tiles.EDGE;
            int other = tile % across * down + tile / across;
            for (int each : new int[] {3 + row * K + column, K, Math.min(Tiles.EDGE, N - row),
                Math.min(Tiles.EDGE, K - column), 2 + tile * Tiles.INTS, other * Tiles.INTS}) {
                table.set(at++, each);
            }
        }
        int ints = down * across * Tiles.INTS;
        FloatArray values = KernelRun.padded(x, 4);
        IntArray tiles = Bf16.empty(ints, 5);
        IntArray turned = Bf16.empty(ints, 2);
        var p = KernelRun.places(TileWeights.P_TABLE, 5, TileWeights.P_VALUES, 1, TileWeights.P_TILES, 3,
                TileWeights.P_TURNED, 2);
        KernelRun.of(KernelRun.groups(down * across, 1, 1, TileWeights.GROUP)).in(values, table, p).out(tiles, turned)
                .run(graph -> graph.task(KernelRun.TASK, TileWeights::matrices, new KernelContext(), values, tiles,
                        turned, table, p));
        assertTiles("tiles", Tiles.pack(x, N, K), tiles, 5);
        double[] axes = TileTurn.reference(x, N, K);
        var exchanged = new float[N * K];
        for (int i = 0; i < exchanged.length; i++) {
            exchanged[i] = (float) axes[i];
        }
        assertTiles("turned", Tiles.pack(exchanged, K, N), turned, 2);
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "200, 5"})
    void vectorsAreTakenOver(int first, int second) {
        float[] x = KernelRun.random(1, first + second, 1);
        FloatArray values = KernelRun.padded(x, 2);
        FloatArray to = KernelRun.padded(new float[first + second + 1], 4);
        IntArray table = IntArray.fromElements(0, 0, 0, first, 1, 2, second, 1 + first, 3 + first);
        var p = KernelRun.places(TileWeights.P_TABLE, 3, TileWeights.P_VALUES, 1, TileWeights.P_TILES, 2);
        KernelRun.of(KernelRun.groups(2, 1, 1, TileWeights.GROUP)).in(values, table, p).out(to).run(graph ->
                graph.task(KernelRun.TASK, TileWeights::vectors, new KernelContext(), values, to, table, p));
        var wanted = new double[first + second + 1];
        for (int i = 0; i < first + second; i++) {
            wanted[i < first ? i : i + 1] = x[i];
        }
        KernelRun.assertClose("to", wanted, to, 4, 1);
    }
}
