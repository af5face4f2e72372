package seer.kernels.layer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.KernelRun;
import seer.support.Conformance;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Each rung of [MatMul] against its reference, with gaps between rows and buffers that do not begin at 0.
@Conformance
class MatMulKernelTest {

    private static final int GAP = 3;

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1", "5, 7, 130, 7", "65, 40, 16, 20", "63, 129, 17, 129", "130, 6, 33, 3"})
    void eachRungIsTheReference(int T, int N, int K, int width) {
        check(T, N, K, width, 0, "naive", "tiled", "few");
    }

    @ParameterizedTest
    @CsvSource({"5, 7, 18, 7", "130, 12, 33, 4"})
    void productsAreAddedToWhatIsThere(int T, int N, int K, int width) {
        check(T, N, K, width, 1, "naive", "tiled", "few");
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"257, 384, 256, 64", "1000, 130, 70, 130"})
    void largeProductsAreTheReference(int T, int N, int K, int width) {
        check(T, N, K, width, 1, "naive", "tiled", "few");
    }

    /// `y` begins at its element 6, its rows are one longer than `width`.
    static void check(int T, int N, int K, int width, int add, String... rungs) {
        float[] x = KernelRun.random(1, T * (K + GAP), 1);
        float[] w = KernelRun.random(2, N * K, 1);
        var rows = new float[T * K];
        for (int t = 0; t < T; t++) {
            System.arraycopy(x, t * (K + GAP), rows, t * K, K);
        }
        double[] product = MatMul.reference(rows, w, T, N, K);
        int groups = N / width;
        var wanted = new double[groups * T * (width + 1)];
        var before = new float[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            before[i] = i % 7;
            int n = i / (T * (width + 1)) * width + i % (width + 1);
            boolean inside = i % (width + 1) < width;
            wanted[i] = inside ? product[i / (width + 1) % T * N + n] + add * before[i] : before[i];
        }
        var xs = KernelRun.padded(x, 1);
        var ws = KernelRun.padded(w, 2);
        var p = IntArray.fromElements(T, 1, K + GAP, 2, 6, width + 1, T * (width + 1), add);
        for (String rung : rungs) {
            var y = KernelRun.padded(before, 6);
            KernelRun.of(grid(rung, T, N)).in(xs, ws, p).out(y)
                    .run(graph -> task(graph, rung, xs, ws, y, p, N, K, width));
            KernelRun.assertClose(rung, wanted, y, 6, K);
        }
    }

    private static WorkerGrid grid(String rung, int T, int N) {
        return switch (rung) {
            case "naive" -> KernelRun.groups((N + 31) / 32, T, 1, 32);
            case "few" -> KernelRun.groups(N, 1, 1, MatMul.FEW_ITEMS);
            default -> KernelRun.groups((N + MatMul.TILE - 1) / MatMul.TILE, (T + MatMul.TILE - 1) / MatMul.TILE, 1,
                    MatMul.TILE_ITEMS);
        };
    }

    private static TaskGraph task(TaskGraph graph, String rung, FloatArray x, FloatArray w, FloatArray y, IntArray p,
                                  int N, int K, int width) {
        var context = new KernelContext();
        return switch (rung) {
            case "naive" -> graph.task(KernelRun.TASK, MatMul::naive, context, x, w, y, p, N, K, width);
            case "few" -> graph.task(KernelRun.TASK, MatMul::few, context, x, w, y, p, N, K, width);
            default -> graph.task(KernelRun.TASK, MatMul::tiled, context, x, w, y, p, N, K, width);
        };
    }
}
