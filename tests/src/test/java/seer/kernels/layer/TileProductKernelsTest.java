package seer.kernels.layer;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Products on tensor cores against the reference, of matrices that are rounded to bf16, with what follows them.
@Conformance
@OnTensorCores
class TileProductKernelsTest {

    private static final int X_AT = 4;
    private static final int W_AT = 8;
    private static final int Y_AT = 12;
    private static final String[] RUNGS = {"wgmma", "mma"};

    @ParameterizedTest
    @CsvSource({"1, 2, 16, 0", "63, 64, 64, 1", "65, 130, 100, 0", "130, 300, 70, 1", "5, 64, 330, 0"})
    void rowsAreTheReference(int T, int N, int K, int add) {
        for (String rung : RUNGS) {
            checkRows(rung, T, N, K, add);
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"2100, 300, 70, 1", "257, 576, 576, 0"})
    void largeProductsAreTheReference(int T, int N, int K, int add) {
        rowsAreTheReference(T, N, K, add);
    }

    static void checkRows(String rung, int T, int N, int K, int add) {
        checkRows(rung, T, N, K, add, 5);
    }

    /// Rows that begin at multiples of four elements are written sixteen bytes at once.
    @ParameterizedTest
    @CsvSource({"63, 64, 64, 1", "130, 300, 70, 0", "130, 140, 70, 1", "5, 516, 100, 0"})
    void rowsThatAreAlignedAreTheReference(int T, int N, int K, int add) {
        for (String rung : RUNGS) {
            checkRows(rung, T, N, K, add, Y_AT);
        }
    }

    static void checkRows(String rung, int T, int N, int K, int add, int first) {
        float[] x = Bf16.round(KernelRun.random(1, T * K, 1));
        float[] w = Bf16.round(KernelRun.random(2, N * K, 1));
        float[] before = KernelRun.random(3, T * N, 1);
        double[] wanted = MatMul.reference(x, w, T, N, K);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] += add * before[i];
        }
        IntArray xs = Bf16.tiles(x, 1, T, K, Tiles.along(T), Float.NaN, X_AT);
        IntArray ws = Bf16.tiles(w, 1, N, K, Tiles.along(N), 0, W_AT);
        FloatArray y = KernelRun.padded(before, first);
        var p = KernelRun.places(TileProduct.P_ROWS, T, TileProduct.P_X, X_AT, TileProduct.P_W, W_AT,
                TileProduct.P_Y, first);
        KernelRun.of(grid(rung, T, N)).in(xs, ws, p).out(y).run(graph -> rung.equals("wgmma")
                ? graph.task(KernelRun.TASK, MatMulWgmma::rows, new KernelContext(), xs, ws, y, p, N, K, add)
                : graph.task(KernelRun.TASK, MatMulMma::rows, new KernelContext(), xs, ws, y, p, N, K, add));
        KernelRun.assertClose(rung, wanted, y, first, K);
    }

    private static WorkerGrid grid(String rung, int T, int N) {
        return rung.equals("wgmma") ? KernelRun.groups(MatMulWgmma.groups(T, N), 1, 1, MatMulWgmma.ITEMS)
                : KernelRun.groups(MatMulMma.groups(T, N), 1, 1, MatMulMma.ITEMS);
    }

    @ParameterizedTest
    @CsvSource({"65, 70, 2, 1, 64, true", "1, 64, 7, 1, 64, false", "130, 40, 2, 1, 128, true"})
    void headsGoApart(int T, int K, int H, int G, int D, boolean biased) {
        for (String rung : RUNGS) {
            checkHeads(rung, T, K, H, G, D, biased);
        }
    }

    static void checkHeads(String rung, int T, int K, int H, int G, int D, boolean biased) {
        int N = (H + 2 * G) * D;
        float[] x = Bf16.round(KernelRun.random(1, T * K, 1));
        float[] w = Bf16.round(KernelRun.random(2, N * K, 1));
        float[] bias = KernelRun.random(3, N, 1);
        double[] wanted = MatMul.reference(x, w, T, N, K);
        for (int i = 0; biased && i < wanted.length; i++) {
            wanted[i] += bias[i % N];
        }
        int tiles = Tiles.along(T) + 1;
        int cacheTiles = tiles + 2;
        int first = 1;
        int depth = Tiles.ROW * D;
        IntArray xs = Bf16.tiles(x, 1, T, K, Tiles.along(T), 7, X_AT);
        IntArray ws = Bf16.tiles(w, 1, N, K, Tiles.along(N), 0, W_AT);
        FloatArray b = KernelRun.padded(bias, 3);
        IntArray q = Bf16.empty(H * tiles * depth, 4);
        IntArray k = Bf16.empty(G * tiles * depth, 8);
        IntArray v = Bf16.empty(G * cacheTiles * depth, 12);
        var p = KernelRun.places(TileProduct.P_ROWS, T, TileProduct.P_X, X_AT, TileProduct.P_W, W_AT, TileProduct.P_Y,
                4,
                TileProduct.P_BIAS, biased ? 3 : -1, TileProduct.P_K, 8, TileProduct.P_V, 12,
                TileProduct.P_TILES, tiles,
                TileProduct.P_V_TILES, cacheTiles, TileProduct.P_FIRST, first);
        KernelRun.of(grid(rung, T, N)).in(xs, ws, b, p).out(q, k, v).run(graph -> rung.equals("wgmma")
                ? graph.task(KernelRun.TASK, MatMulWgmma::heads, new KernelContext(), xs, ws, b, q, k, v, p, K, H, G, D)
                : graph.task(KernelRun.TASK, MatMulMma::heads, new KernelContext(), xs, ws, b, q, k, v, p, K, H, G, D));
        double error = 1e-5 * (1 + Math.sqrt(K));
        for (int h = 0; h < H; h++) {
            Bf16.assertRounded(rung + " q", wanted, h * D, N, q, 4 + h * tiles * depth, tiles, 0, T, D, error);
        }
        for (int g = 0; g < G; g++) {
            Bf16.assertRounded(rung + " k", wanted, (H + g) * D, N, k, 8 + g * tiles * depth, tiles, 0, T, D, error);
            Bf16.assertRounded(rung + " v", wanted, (H + G + g) * D, N, v, 12 + g * cacheTiles * depth, cacheTiles,
                    first * Tiles.EDGE, T, D, error);
        }
        Bf16.assertUntouched(rung + " q", q, 4, H * tiles * depth);
        Bf16.assertUntouched(rung + " k", k, 8, G * tiles * depth);
        Bf16.assertUntouched(rung + " v, its first tile and all in front", v, 12 + depth, G * cacheTiles * depth
                - depth);
    }

    /// Gates far from zero, where `e^-gate` exceeds fp32 or vanishes, are among them.
    @ParameterizedTest
    @CsvSource({"65, 64, 70", "1, 192, 64", "130, 128, 40"})
    void gateAndUpBecomeOne(int T, int F, int K) {
        for (String rung : RUNGS) {
            checkSwiGlu(rung, T, F, K);
        }
    }

    static void checkSwiGlu(String rung, int T, int F, int K) {
        float[] x = Bf16.round(KernelRun.random(1, T * K, 1));
        float[] gate = Bf16.round(KernelRun.random(2, F * K, 1));
        float[] up = Bf16.round(KernelRun.random(3, F * K, 1));
        for (int i = 0; i < K; i++) {
            x[i] = 2;
            gate[i] = -4;
            gate[K + i] = 4;
        }
        var gateUp = new float[2 * F * K]; // tiles of rows in turns
        var asReference = new float[2 * F * K];
        for (int f = 0; f < F; f++) {
            int at = (f / Tiles.EDGE * 2 * Tiles.EDGE + f % Tiles.EDGE) * K;
            System.arraycopy(gate, f * K, gateUp, at, K);
            System.arraycopy(up, f * K, gateUp, at + Tiles.EDGE * K, K);
        }
        System.arraycopy(gate, 0, asReference, 0, F * K);
        System.arraycopy(up, 0, asReference, F * K, F * K);
        double[] product = MatMul.reference(x, asReference, T, 2 * F, K);
        var wanted = new double[T * F];
        for (int i = 0; i < wanted.length; i++) {
            double open = product[i / F * 2 * F + i % F];
            wanted[i] = open / (1 + Math.exp(-open)) * product[i / F * 2 * F + F + i % F];
        }
        int N = 2 * F;
        int tiles = Tiles.along(T);
        int ints = tiles * Tiles.along(F) * Tiles.INTS;
        IntArray xs = Bf16.tiles(x, 1, T, K, tiles, Float.NaN, X_AT);
        IntArray ws = Bf16.tiles(gateUp, 1, N, K, Tiles.along(N), 0, W_AT);
        IntArray y = Bf16.empty(ints, Y_AT);
        var p = KernelRun.places(TileProduct.P_ROWS, T, TileProduct.P_X, X_AT, TileProduct.P_W, W_AT,
                TileProduct.P_Y, Y_AT);
        KernelRun.of(grid(rung, T, N)).in(xs, ws, p).out(y).run(graph -> rung.equals("wgmma")
                ? graph.task(KernelRun.TASK, MatMulWgmma::swiglu, new KernelContext(), xs, ws, y, p, N, K)
                : graph.task(KernelRun.TASK, MatMulMma::swiglu, new KernelContext(), xs, ws, y, p, N, K));
        Bf16.assertRounded(rung, wanted, 0, F, y, Y_AT, tiles, 0, T, F, 1e-4 * (1 + Math.sqrt(K)));
        Bf16.assertUntouched(rung, y, Y_AT, ints);
    }

    /// What is read of a shared buffer at its end is the text alone: rows and columns of groups that are not full.
    @ParameterizedTest
    @CsvSource({"1, 64", "65, 192"})
    void groupsAtTheEdgesReadNothingBeyond(int T, int N) {
        for (String rung : RUNGS) {
            float[] x = new float[T * 64];
            Arrays.fill(x, 1);
            float[] w = new float[N * 64];
            Arrays.fill(w, 1);
            var xs = IntArray.fromArray(Tiles.pack(x, T, 64));
            var ws = IntArray.fromArray(Tiles.pack(w, N, 64));
            var y = new FloatArray(T * N);
            var p = KernelRun.places(TileProduct.P_ROWS, T, TileProduct.P_Y, 0);
            KernelRun.of(grid(rung, T, N)).in(xs, ws, p).out(y).run(graph -> rung.equals("wgmma")
                    ? graph.task(KernelRun.TASK, MatMulWgmma::rows, new KernelContext(), xs, ws, y, p, N, 64, 0)
                    : graph.task(KernelRun.TASK, MatMulMma::rows, new KernelContext(), xs, ws, y, p, N, 64, 0));
            var wanted = new double[T * N];
            Arrays.fill(wanted, 64);
            KernelRun.assertClose(rung, wanted, y, 0, 1);
        }
    }
}
