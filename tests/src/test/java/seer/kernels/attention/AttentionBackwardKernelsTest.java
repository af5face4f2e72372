package seer.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.KernelRun;
import seer.support.Conformance;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The kernels of attention's gradient, and those that transpose its lists, against their references.
@Conformance
class AttentionBackwardKernelsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 63, 64, 65, 130})
    void anyNumberOfTokens(int rows) {
        check(rows, 2, 1, 16, 64, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 24, 32, 100, 128})
    void anyBlock(int B) {
        check(150, 1, 1, 16, B, 1);
    }

    @ParameterizedTest
    @CsvSource({"4, 8", "20, 24", "80, 32", "128, 64"})
    void anyHeadWidth(int D, int B) {
        check(70, 1, 1, D, B, 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "4, 2", "8, 1", "7, 1"})
    void anyHeads(int H, int G) {
        check(40, H, G, 16, 16, 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 1, 64", "65, 4, 2, 16", "70, 3, 1, 100"})
    void denseNeedsNoLists(int rows, int H, int G, int B) {
        check(rows, H, G, 16, B, 0);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"257, 2, 1, 64, 32", "600, 1, 1, 16, 128"})
    void longPrompts(int rows, int H, int G, int D, int B) {
        check(rows, H, G, D, B, 1);
        check(rows, H, G, D, B, 0);
    }

    /// Both kernels, one after the other: the second reads what the first wrote for it.
    static void check(int rows, int H, int G, int D, int B, int listed) {
        queries(rows, H, G, D, B, listed);
        keys(rows, H, G, D, B, listed);
    }

    static void queries(int rows, int H, int G, int D, int B, int listed) {
        var problem = new Backward(rows, H, G, D, B, listed);
        problem.queries();
        problem.compare("dq", problem.wanted.dq(), problem.dq, Backward.DQ_AT, H, rows + Backward.SPARE);
        for (int h = 0; h < H; h++) {
            KernelRun.assertClose("delta of " + problem, Arrays.copyOfRange(problem.deltas, h * rows, (h + 1) * rows),
                    problem.delta, Backward.DELTA_AT + h * rows, 4 * D);
        }
    }

    static void keys(int rows, int H, int G, int D, int B, int listed) {
        var problem = new Backward(rows, H, G, D, B, listed);
        double[] slopes = problem.keys(2);
        problem.compare("dk and dv", problem.wanted.dk(), problem.wanted.dv(), slopes);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 3", "4, 2, 5, 2", "7, 1, 9, 1", "2, 2, 70, 8"})
    void listsAreTransposed(int H, int G, int N, int length) {
        lists(H, G, N, length);
    }

    static void lists(int H, int G, int N, int length) {
        var problem = new AttentionProblem(N * 8, 0, H, G, 4, 8);
        IntArray start = problem.starts();
        IntArray index = problem.indices();
        int[] wanted = TransposedLists.reference(problem.keep, H, G, N);
        int columns = G * N;
        var counts = new IntArray(2 + columns);
        counts.init(-7);
        var p = KernelRun.places(TransposedLists.P_BLOCKS, N, TransposedLists.P_START, 3, TransposedLists.P_END,
                3 + H * N, TransposedLists.P_INDEX, 1, TransposedLists.P_COUNTS, 2, TransposedLists.P_PLACES, 4,
                TransposedLists.P_LISTS, 5);
        var grid = KernelRun.groups(columns, 1, 1, TransposedLists.GROUP);
        KernelRun.of(grid).in(start, index, p).out(counts).run(graph -> graph.task(KernelRun.TASK,
                TransposedLists::count, new KernelContext(), start, index, counts, p, H, G));
        for (int c = 0; c < columns; c++) {
            counts.set(2 + c, wanted[c + 1] - wanted[c] - counts.get(2 + c) == 0 ? counts.get(2 + c) : -1_000_000);
        }
        var places = new IntArray(4 + 2 * columns);
        var rows = new IntArray(5 + wanted.length);
        rows.init(-7);
        KernelRun.of(grid).in(start, index, counts, p).out(places, rows).run(graph -> graph.task(KernelRun.TASK,
                TransposedLists::fill, new KernelContext(), start, index, counts, places, rows, p, H, G));
        int[] got = places.toHeapArray();
        assertArrayEquals(Arrays.copyOfRange(wanted, 0, columns), Arrays.copyOfRange(got, 4, 4 + columns));
        assertArrayEquals(Arrays.copyOfRange(wanted, 1, columns + 1),
                Arrays.copyOfRange(got, 4 + columns, 4 + 2 * columns));
        int kept = wanted[columns];
        assertArrayEquals(Arrays.copyOfRange(wanted, columns + 1, columns + 1 + kept),
                Arrays.copyOfRange(rows.toHeapArray(), 5, 5 + kept));
        split(wanted, H, G, N, length);
    }

    static void split(int[] lists, int H, int G, int N, int length) {
        int columns = G * N;
        var cut = new ColumnParts(lists, columns, length);
        var places = new IntArray(4 + 2 * columns);
        for (int c = 0; c < columns; c++) {
            places.set(4 + c, lists[c]);
            places.set(4 + columns + c, lists[c + 1]);
        }
        var parts = new IntArray(3 + cut.most() * TransposedLists.PART);
        parts.init(-7);
        var firsts = new IntArray(2 + columns + 1);
        var p = KernelRun.places(TransposedLists.P_BLOCKS, N, TransposedLists.P_PLACES, 4, TransposedLists.P_PARTS, 3,
                TransposedLists.P_FIRSTS, 2, TransposedLists.P_LENGTH, length, TransposedLists.P_MOST, cut.most());
        KernelRun.of(KernelRun.groups(columns, 1, 1, TransposedLists.GROUP)).in(places, p).out(parts, firsts)
                .run(graph -> graph.task(KernelRun.TASK, TransposedLists::split, new KernelContext(), places, parts,
                        firsts, p, H, G));
        for (int i = 0; i < cut.parts().length; i++) {
            if (i % TransposedLists.PART == 0 || cut.parts()[i - i % TransposedLists.PART] >= 0) {
                assertEquals(cut.parts()[i], parts.get(3 + i), "parts [" + i + "]");
            }
        }
        assertArrayEquals(cut.firsts(), Arrays.copyOfRange(firsts.toHeapArray(), 2, 2 + columns + 1));
    }

    @ParameterizedTest
    @CsvSource({"5, 1, 8, 8", "130, 2, 4, 100", "70, 2, 64, 64"})
    void sumsOfPartsAreAddedUp(int rows, int G, int D, int B) {
        var cut = ColumnParts.drawn(G * ((rows + B - 1) / B));
        float[] sums = KernelRun.random(3, cut.most() * KeySlopes.size(D, B), 1);
        double[] wanted = KeySlopes.reference(sums, cut.firsts(), G, rows, D, B);
        FloatArray in = KernelRun.padded(sums, 4);
        IntArray firsts = cut.firstsAt(3);
        var dk = new FloatArray(6 + G * (rows + 1) * D);
        var dv = new FloatArray(8 + G * (rows + 3) * D);
        var p = KernelRun.places(KeySlopes.P_ROWS, rows, KeySlopes.P_SUMS, 4, KeySlopes.P_FIRSTS, 3, KeySlopes.P_DK, 6,
                KeySlopes.P_DV, 8, KeySlopes.P_DK_STRIDE, rows + 1, KeySlopes.P_DV_STRIDE, rows + 3);
        KernelRun.of(KernelRun.items(G * rows * D, 64)).in(in, firsts, p).out(dk, dv).run(graph -> graph.task(
                KernelRun.TASK, KeySlopes::floats, new KernelContext(), in, firsts, dk, dv, p, G, D, B));
        int head = rows * D;
        for (int g = 0; g < G; g++) {
            KernelRun.assertClose("dk", Arrays.copyOfRange(wanted, g * head, (g + 1) * head), dk,
                    6 + g * (rows + 1) * D, 4);
            KernelRun.assertClose("dv", Arrays.copyOfRange(wanted, (G + g) * head, (G + g + 1) * head), dv,
                    8 + g * (rows + 3) * D, 4);
        }
    }

    /// One gradient: buffers that begin somewhere inside their arrays, with rows that are not in use.
    private static final class Backward {
        static final int SPARE = 2;
        static final int DQ_AT = 5;
        static final int SUMS_AT = 6;
        static final int DELTA_AT = 3;

        private final AttentionProblem problem;
        private final int listed;
        private final FloatArray q;
        private final FloatArray k;
        private final FloatArray v;
        private final FloatArray out;
        private final FloatArray dO;
        private final FloatArray lse;
        final FloatArray delta;
        final FloatArray dq;
        final double[] deltas;
        final BlockSparseAttentionBackward.Slopes wanted;

        Backward(int rows, int H, int G, int D, int B, int listed) {
            this.problem = new AttentionProblem(rows, 0, H, G, D, B);
            this.listed = listed;
            float[] slope = KernelRun.random(9, rows * H * D, 1);
            boolean[] keep = listed == 1 ? problem.keep : null;
            wanted = BlockSparseAttentionBackward.reference(problem.q, problem.k, problem.v, slope, keep, H, G, rows,
                    D, B);
            var forward = BlockSparseAttention.reference(problem.q, problem.k, problem.v, keep, H, G, rows, D, B);
            q = spread(problem.q, H, rows * D, SPARE * D, 7);
            k = spread(problem.k, G, rows * D, 3 * D, 9);
            v = spread(problem.v, G, rows * D, 3 * D, 12);
            out = KernelRun.padded(floats(forward.o()), 2);
            dO = KernelRun.padded(slope, 1);
            lse = spread(floats(forward.lse()), H, rows, 4, 10);
            deltas = new double[H * rows];
            for (int i = 0; i < rows * H * D; i++) {
                deltas[i / D % H * rows + i / D / H] += slope[i] * forward.o()[i];
            }
            delta = KernelRun.padded(floats(deltas), DELTA_AT);
            dq = new FloatArray(DQ_AT + H * (rows + SPARE) * D);
        }

        private static FloatArray spread(float[] values, int heads, int length, int spare, int before) {
            var result = new float[heads * (length + spare)];
            Arrays.fill(result, Float.NaN);
            for (int h = 0; h < heads; h++) {
                System.arraycopy(values, h * length, result, h * (length + spare), length);
            }
            return KernelRun.padded(result, before);
        }

        private static float[] floats(double[] values) {
            var result = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                result[i] = (float) values[i];
            }
            return result;
        }

        /// @param start first element of the lists' beginnings, or of their parts; ends follow, `lists` further on
        private IntArray places(int start, int lists, int index) {
            int rows = problem.rows;
            return KernelRun.places(BlockSparseAttentionBackward.P_ROWS, rows, BlockSparseAttentionBackward.P_Q, 7,
                    BlockSparseAttentionBackward.P_Q_STRIDE, rows + SPARE, BlockSparseAttentionBackward.P_K, 9,
                    BlockSparseAttentionBackward.P_V, 12, BlockSparseAttentionBackward.P_KV_STRIDE, rows + 3,
                    BlockSparseAttentionBackward.P_OUT, 2, BlockSparseAttentionBackward.P_SLOPE, 1,
                    BlockSparseAttentionBackward.P_LSE, 10, BlockSparseAttentionBackward.P_LSE_STRIDE, rows + 4,
                    BlockSparseAttentionBackward.P_DELTA, DELTA_AT, BlockSparseAttentionBackward.P_DQ, DQ_AT,
                    BlockSparseAttentionBackward.P_DQ_STRIDE, rows + SPARE, BlockSparseAttentionBackward.P_SUMS,
                    SUMS_AT, BlockSparseAttentionBackward.P_PARTS, start, BlockSparseAttentionBackward.P_START, start,
                    BlockSparseAttentionBackward.P_END, start + lists, BlockSparseAttentionBackward.P_INDEX, index);
        }

        private int blocks() {
            return (problem.rows + problem.B - 1) / problem.B;
        }

        void queries() {
            IntArray start = problem.starts();
            IntArray index = problem.indices();
            IntArray p = places(3, problem.H * blocks(), 1);
            delta.init(Float.NaN);
            KernelRun.of(KernelRun.groups(BlockSparseAttentionBackward.groups(problem.rows, problem.B), problem.H, 1,
                            BlockSparseAttentionBackward.items(problem.B)))
                    .in(q, k, v, out, dO, lse, start, index, p).out(delta, dq)
                    .run(graph -> graph.task(KernelRun.TASK, BlockSparseAttentionBackward::queries,
                            new KernelContext(), q, k, v, out, dO, lse, delta, dq, start, index, p, problem.H,
                            problem.G, problem.D, problem.B, listed));
        }

        /// @param length rows of a part of a list
        /// @return `dk` and `dv`, what the parts give added up
        double[] keys(int length) {
            int columns = problem.G * blocks();
            boolean[] keep = problem.keep;
            if (listed == 0) {
                keep = new boolean[problem.keep.length];
                for (int i = 0; i < keep.length; i++) {
                    keep[i] = i % blocks() <= i / blocks() % blocks();
                }
            }
            int[] lists = TransposedLists.reference(keep, problem.H, problem.G, blocks());
            var cut = new ColumnParts(lists, columns, length);
            IntArray parts = cut.partsAt(4);
            var index = new IntArray(2 + lists.length);
            for (int i = columns + 1; i < lists.length; i++) {
                index.set(2 + i - columns - 1, lists[i]);
            }
            IntArray p = places(4, 0, 2);
            FloatArray sums = KernelRun.padded(new float[cut.most() * KeySlopes.size(problem.D, problem.B)], SUMS_AT);
            sums.init(Float.NaN);
            int pieces = BlockSparseAttentionBackward.groups(problem.B, problem.B);
            KernelRun.of(KernelRun.groups(cut.most() * pieces, 1, 1, BlockSparseAttentionBackward.items(problem.B)))
                    .in(q, k, v, dO, lse, delta, parts, index, p).out(sums)
                    .run(graph -> graph.task(KernelRun.TASK, BlockSparseAttentionBackward::keys, new KernelContext(),
                            q, k, v, dO, lse, delta, sums, parts, index, p, problem.H, problem.G, problem.D,
                            problem.B));
            return KeySlopes.reference(Arrays.copyOfRange(sums.toHeapArray(), SUMS_AT, sums.getSize()), cut.firsts(),
                    problem.G, problem.rows, problem.D, problem.B);
        }

        void compare(String what, double[] expected, FloatArray got, int at, int heads, int stride) {
            int length = problem.rows * problem.D;
            for (int h = 0; h < heads; h++) {
                KernelRun.assertClose(what + " of " + this, Arrays.copyOfRange(expected, h * length, (h + 1) * length),
                        got, at + h * stride * problem.D, 4 * problem.rows * problem.H);
            }
        }

        void compare(String what, double[] dk, double[] dv, double[] got) {
            KernelRun.assertClose(what + " of " + this, dk, FloatArray.fromArray(floats(got)), 0,
                    4 * problem.rows * problem.H);
            KernelRun.assertClose(what + " of " + this, dv, FloatArray.fromArray(floats(got)), dk.length,
                    4 * problem.rows * problem.H);
        }

        @Override
        public String toString() {
            return problem.rows + " tokens, " + problem.H + "/" + problem.G + " heads of " + problem.D + ", block "
                    + problem.B;
        }
    }
}
